-- Vault: list of what it issued -> credentials.
SELECT
  record->>'$.accessor' AS credential_id,
  record->>'$.entity.name' AS account_id,
  record->>'$.entity.mount' AS system_id,
  record->>'$.type' AS kind,
  record->>'$.issue_time' AS created_at,
  record->>'$.last_use' AS last_used_at,
  record->>'$.expire_time' AS expires_at,
  'active' AS status
FROM raw
