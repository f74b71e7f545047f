-- AWS: IAM credential report -> accounts.
--
-- The report tells whether a second factor is set up, not of which kind: 'weak' at best. What a user may do does not
-- stand in it: only the root user is known to be privileged.
WITH answers AS (
  SELECT
    "user" AS name,
    arn,
    user_creation_time,
    -- The root user can always log in; the report calls its password 'not_supported' or true.
    "user" = '<root_account>' AS root,
    lower(password_enabled) = 'true' AS console,
    lower(access_key_1_active) = 'true' OR lower(access_key_2_active) = 'true' AS keys,
    lower(mfa_active) = 'true' AS second_factor,
    list_max([
      TRY_CAST(password_last_used AS TIMESTAMPTZ),
      TRY_CAST(access_key_1_last_used_date AS TIMESTAMPTZ),
      TRY_CAST(access_key_2_last_used_date AS TIMESTAMPTZ)
    ]) AS last_used
  FROM credential_report
)
SELECT
  arn AS account_id,
  $system AS system_id,
  name AS login,
  CASE WHEN root THEN 'break-glass' WHEN console THEN 'human' ELSE 'service' END AS kind,
  -- A user without password and active key cannot come in.
  CASE WHEN root OR console OR keys THEN 'active' ELSE 'suspended' END AS status,
  user_creation_time AS created_at,
  last_used AS last_login_at,
  CASE WHEN second_factor THEN 'weak' WHEN root OR console THEN 'none' ELSE 'n/a' END AS mfa_state,
  false AS sso_enforced,
  root AS is_privileged
FROM answers
