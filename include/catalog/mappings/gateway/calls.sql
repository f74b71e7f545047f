-- Model gateway: its access log -> audit_events. Stream raw: one call, or one act on the gateway itself, a record.
SELECT
  record->>'$.request_id' AS event_id,
  $system AS system_id,
  record->>'$.time' AS occurred_at,
  record->>'$.principal.id' AS actor_id,
  CASE record->>'$.principal.type'
    WHEN 'user' THEN 'human'
    WHEN 'human' THEN 'human'
    WHEN 'service' THEN 'service'
    WHEN 'ai-agent' THEN 'ai-agent'
    ELSE 'unknown' END AS actor_kind,
  record->>'$.operation' AS action,
  CASE WHEN record->>'$.access' IN ('login', 'read', 'write', 'other') THEN record->>'$.access' END AS activity,
  'prod' AS environment,
  record->>'$.route' AS target,
  CASE WHEN TRY_CAST(record->>'$.status' AS INTEGER) < 400 THEN 'success' ELSE 'failure' END AS outcome,
  record->>'$.remote' AS ip,
  record->>'$.model.system' AS ai_system_id,
  record->>'$.model.version' AS model_version_id,
  json_object(
    'sequence', record->'$.sequence',
    'refused', record->'$.guardrail.refused',
    'injection_detected', record->'$.guardrail.injection_detected'
  ) AS attrs
FROM raw
