-- Data catalogue: assets -> data_assets. Stream assets: one asset a record.
SELECT
  record->>'$.id' AS asset_id,
  record->>'$.class' AS classification,
  record->>'$.owner' AS owner_id,
  record->>'$.retention_days' AS retention_days,
  record->>'$.location' AS location,
  record->>'$.last_disposal' AS last_disposal_at,
  record->>'$.encrypted' AS encrypted,
  record->>'$.since' AS holds_data_since,
  record->>'$.legal_hold' AS legal_hold
FROM assets
