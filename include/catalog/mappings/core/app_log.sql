-- Lending application: its own log -> audit_events. Stream raw: one event a record, times in seconds since 1970.
SELECT
  record->>'$.id' AS event_id,
  $system AS system_id,
  make_timestamp(CAST(TRY_CAST(record->>'$.ts' AS DOUBLE) * 1000000 AS BIGINT)) AS occurred_at,
  record->>'$.user' AS actor_id,
  CASE record->>'$.machine' WHEN 'true' THEN 'service' WHEN 'false' THEN 'human' ELSE 'unknown' END AS actor_kind,
  record->>'$.event' AS action,
  CASE WHEN record->>'$.access' IN ('login', 'read', 'write', 'other') THEN record->>'$.access' END AS activity,
  'prod' AS environment,
  coalesce(record->>'$.object', 'unknown') AS target,
  CASE WHEN record->>'$.ok' = 'true' THEN 'success' ELSE 'failure' END AS outcome,
  '{}' AS attrs
FROM raw
