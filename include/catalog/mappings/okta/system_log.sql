-- Okta: System Log -> audit_events. Stream raw: one event a record, as GET /api/v1/logs gives them.
--
-- The actor is the user's id, as in accounts; Okta's own agents and API tokens have other types.
SELECT
  record->>'$.uuid' AS event_id,
  $system AS system_id,
  record->>'$.published' AS occurred_at,
  record->>'$.actor.id' AS actor_id,
  CASE record->>'$.actor.type'
    WHEN 'User' THEN 'human'
    WHEN 'SystemPrincipal' THEN 'service'
    WHEN 'PublicClientApp' THEN 'service'
    ELSE 'unknown' END AS actor_kind,
  record->>'$.eventType' AS action,
  CASE
    WHEN record->>'$.eventType' IN ('user.session.start', 'user.authentication.sso', 'user.authentication.auth_via_mfa')
      THEN 'login'
    WHEN record->>'$.eventType' IN ('user.session.end', 'user.session.clear') THEN 'other'
    WHEN regexp_matches(record->>'$.eventType', '[.](create|update|delete|add|remove|activate|deactivate|suspend)$')
      THEN 'write' END AS activity,
  'corp' AS environment,
  coalesce(record->>'$.target[0].displayName', record->>'$.target[0].id', 'okta') AS target,
  CASE WHEN record->>'$.outcome.result' IN ('SUCCESS', 'ALLOW') THEN 'success' ELSE 'failure' END AS outcome,
  record->>'$.client.ipAddress' AS ip,
  json_object(
    'severity', record->>'$.severity',
    'reason', record->>'$.outcome.reason',
    'session', record->>'$.authenticationContext.externalSessionId'
  ) AS attrs
FROM raw
