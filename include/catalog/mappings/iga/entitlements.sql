-- Identity governance tool, CSV of who holds what -> entitlements.
SELECT
  "Native Identity" AS account_id,
  "Application" AS system_id,
  "Entitlement" AS entitlement,
  "Kind" AS scope,
  "Privileged" = 'Y' AS privileged,
  "Environment" AS environment,
  "Granted On" AS granted_at,
  "AI" = 'Y' AS ai_config
FROM entitlements
