-- AWS: IAM credential report -> credentials: passwords, access keys and certificates that exist.
--
-- A key is never changed, only replaced: its last rotation is its creation.
SELECT
  arn || '/password' AS credential_id,
  arn AS account_id,
  $system AS system_id,
  'password' AS kind,
  user_creation_time AS created_at,
  CAST(TRY_CAST(password_last_changed AS TIMESTAMPTZ) AS VARCHAR) AS last_rotated_at,
  CAST(TRY_CAST(password_last_used AS TIMESTAMPTZ) AS VARCHAR) AS last_used_at,
  'active' AS status
FROM credential_report
WHERE lower(password_enabled) = 'true' OR "user" = '<root_account>'
UNION ALL
SELECT
  arn || '/access-key-1',
  arn,
  $system,
  'access-key',
  coalesce(CAST(TRY_CAST(access_key_1_last_rotated AS TIMESTAMPTZ) AS VARCHAR), user_creation_time),
  CAST(TRY_CAST(access_key_1_last_rotated AS TIMESTAMPTZ) AS VARCHAR),
  CAST(TRY_CAST(access_key_1_last_used_date AS TIMESTAMPTZ) AS VARCHAR),
  CASE WHEN lower(access_key_1_active) = 'true' THEN 'active' ELSE 'inactive' END
FROM credential_report
WHERE lower(access_key_1_active) = 'true' OR TRY_CAST(access_key_1_last_rotated AS TIMESTAMPTZ) IS NOT NULL
UNION ALL
SELECT
  arn || '/access-key-2',
  arn,
  $system,
  'access-key',
  coalesce(CAST(TRY_CAST(access_key_2_last_rotated AS TIMESTAMPTZ) AS VARCHAR), user_creation_time),
  CAST(TRY_CAST(access_key_2_last_rotated AS TIMESTAMPTZ) AS VARCHAR),
  CAST(TRY_CAST(access_key_2_last_used_date AS TIMESTAMPTZ) AS VARCHAR),
  CASE WHEN lower(access_key_2_active) = 'true' THEN 'active' ELSE 'inactive' END
FROM credential_report
WHERE lower(access_key_2_active) = 'true' OR TRY_CAST(access_key_2_last_rotated AS TIMESTAMPTZ) IS NOT NULL
UNION ALL
SELECT
  arn || '/certificate-1',
  arn,
  $system,
  'cert',
  coalesce(CAST(TRY_CAST(cert_1_last_rotated AS TIMESTAMPTZ) AS VARCHAR), user_creation_time),
  CAST(TRY_CAST(cert_1_last_rotated AS TIMESTAMPTZ) AS VARCHAR),
  NULL,
  CASE WHEN lower(cert_1_active) = 'true' THEN 'active' ELSE 'inactive' END
FROM credential_report
WHERE lower(cert_1_active) = 'true' OR TRY_CAST(cert_1_last_rotated AS TIMESTAMPTZ) IS NOT NULL
UNION ALL
SELECT
  arn || '/certificate-2',
  arn,
  $system,
  'cert',
  coalesce(CAST(TRY_CAST(cert_2_last_rotated AS TIMESTAMPTZ) AS VARCHAR), user_creation_time),
  CAST(TRY_CAST(cert_2_last_rotated AS TIMESTAMPTZ) AS VARCHAR),
  NULL,
  CASE WHEN lower(cert_2_active) = 'true' THEN 'active' ELSE 'inactive' END
FROM credential_report
WHERE lower(cert_2_active) = 'true' OR TRY_CAST(cert_2_last_rotated AS TIMESTAMPTZ) IS NOT NULL
