-- GitHub: audit log of an organisation -> audit_events. Stream raw: one event a record, as the export gives them.
--
-- The actor is a login in lower case, as in accounts. Code is no production: it gets there by deployments.
SELECT
  record->>'$._document_id' AS event_id,
  $system AS system_id,
  epoch_ms(TRY_CAST(record->>'$."@timestamp"' AS BIGINT)) AS occurred_at,
  lower(record->>'$.actor') AS actor_id,
  CASE
    WHEN record->>'$.actor' IS NULL THEN 'unknown'
    WHEN record->>'$.actor' LIKE '%[bot]' OR record->>'$.programmatic_access_type' LIKE 'GitHub App%' THEN 'service'
    ELSE 'human' END AS actor_kind,
  record->>'$.action' AS action,
  CASE
    WHEN record->>'$.action' IN ('git.clone', 'git.fetch', 'repo.download_zip') THEN 'read'
    WHEN record->>'$.action' LIKE '%.login' THEN 'login'
    ELSE 'write' END AS activity,
  'corp' AS environment,
  coalesce(record->>'$.repo', record->>'$.org', 'unknown') AS target,
  -- what was refused does not stand in this log
  'success' AS outcome,
  record->>'$.actor_ip' AS ip,
  json_object('operation_type', record->>'$.operation_type', 'token', record->>'$.programmatic_access_type') AS attrs
FROM raw
