-- Okta: users as the API lists them -> accounts.
--
-- A listing of users tells nothing of their second factors: 'none' is what it shows. Give each record the user's
-- `factors` (GET /api/v1/users/<id>/factors) and they are read. WebAuthn and Okta FastPass resist phishing.
WITH seen AS (
  SELECT
    record,
    record->>'$.id' AS id,
    -- A listing that was put together from several answers may show a user twice: the last change counts.
    row_number() OVER (PARTITION BY record->>'$.id' ORDER BY record->>'$.lastUpdated' DESC, CAST(record AS VARCHAR)) AS place
  FROM users
),
answers AS (
  SELECT
    record,
    id,
    record->>'$.status' AS status,
    [one->>'$.factorType' for one in coalesce(TRY_CAST(record->'$.factors' AS JSON[]), [])
      if one->>'$.status' = 'ACTIVE'] AS factors
  FROM seen
  WHERE place = 1
)
SELECT
  id AS account_id,
  $system AS system_id,
  record->>'$.profile.login' AS login,
  record->>'$.profile.employeeNumber' AS person_id,
  CASE lower(record->>'$.profile.userType')
    WHEN 'service' THEN 'service'
    WHEN 'shared' THEN 'shared'
    WHEN 'break-glass' THEN 'break-glass'
    WHEN 'ai-agent' THEN 'ai-agent'
    ELSE 'human' END AS kind,
  -- STAGED users have not been let in yet; users in RECOVERY or with an expired password still are.
  CASE
    WHEN status = 'DEPROVISIONED' THEN 'deprovisioned'
    WHEN status IN ('SUSPENDED', 'STAGED', 'LOCKED_OUT') THEN 'suspended'
    WHEN status IN ('ACTIVE', 'PROVISIONED', 'RECOVERY', 'PASSWORD_EXPIRED') THEN 'active' END AS status,
  record->>'$.created' AS created_at,
  CASE WHEN status IN ('DEPROVISIONED', 'SUSPENDED') THEN record->>'$.statusChanged' END AS disabled_at,
  record->>'$.lastLogin' AS last_login_at,
  CASE
    WHEN len([one for one in factors if one IN ('webauthn', 'u2f', 'signed_nonce')]) > 0 THEN 'phishing-resistant'
    WHEN len(factors) > 0 THEN 'weak'
    ELSE 'none' END AS mfa_state,
  -- Okta is the place that others sign on to; its own password is no single sign-on.
  coalesce(record->>'$.credentials.provider.type' IN ('FEDERATION', 'SOCIAL'), false) AS sso_enforced,
  coalesce(len(TRY_CAST(record->'$.roles' AS JSON[])) > 0, false) AS is_privileged
FROM answers
