-- GRC register: systems as it lists them -> systems.
SELECT
  record->>'$.system_id' AS system_id,
  record->>'$.name' AS name,
  record->>'$.owner_id' AS owner_id,
  record->>'$.in_scope_soc2' AS in_scope_soc2,
  record->>'$.in_scope_aims' AS in_scope_aims,
  record->>'$.criticality' AS criticality,
  record->'$.data_classes' AS data_classes,
  record->>'$.hosting' AS hosting,
  record->>'$.account_export' AS account_export,
  record->>'$.log_source_expected' AS log_source_expected,
  record->>'$.log_retention_days' AS log_retention_days,
  record->>'$.log_write_once' AS log_write_once,
  record->>'$.self_operated' AS self_operated,
  record->>'$.pentested_at' AS pentested_at
FROM systems
