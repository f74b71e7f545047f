-- GRC register: disposals as it lists them -> disposals.
SELECT
  record->>'$.disposal_id' AS disposal_id,
  record->>'$.asset_id' AS asset_id,
  record->>'$.kind' AS kind,
  record->>'$.due_at' AS due_at,
  record->>'$.done_at' AS done_at,
  record->>'$.method' AS method,
  record->>'$.certificate_ref' AS certificate_ref
FROM disposals
