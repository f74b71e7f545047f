-- Prowler: findings as OCSF -> config_findings. Stream raw: one finding a record.
-- A muted finding is one that Prowler calls suppressed, whatever the check said.
SELECT
  record->>'$.metadata.event_code' AS check_id,
  record->>'$.resources[0].uid' AS resource_id,
  record->>'$.unmapped.categories[0]' AS area,
  CASE
    WHEN record->>'$.status' = 'Suppressed' THEN 'muted'
    WHEN record->>'$.status_code' = 'PASS' THEN 'pass'
    WHEN record->>'$.status_code' = 'FAIL' THEN 'fail'
    WHEN record->>'$.status_code' = 'MANUAL' THEN 'manual' END AS status,
  lower(record->>'$.severity') AS severity,
  record->>'$.finding_info.created_time_dt' AS first_seen_at,
  record->>'$.unmapped.muted_reason' AS muted_reason,
  record->>'$.resources[0].group.name' AS system_id,
  record->>'$.time_dt' AS checked_at,
  record->>'$.unmapped.tls_version' AS tls_version
FROM raw
