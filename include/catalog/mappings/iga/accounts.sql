-- Identity governance tool, CSV of accounts of connected applications -> accounts.
SELECT
  "Native Identity" AS account_id,
  "Application" AS system_id,
  "Account Name" AS login,
  "Identity" AS person_id,
  "Type" AS kind,
  CASE WHEN "Disabled" = 'Y' THEN 'deprovisioned' ELSE 'active' END AS status,
  "Created On" AS created_at,
  "Disabled On" AS disabled_at,
  "Last Login" AS last_login_at,
  CASE WHEN "Authentication" = 'SSO' THEN 'n/a' ELSE 'none' END AS mfa_state,
  "Authentication" = 'SSO' AS sso_enforced,
  "Privileged" = 'Y' AS is_privileged,
  "Owner" AS owner_id,
  CASE "AI Agent" WHEN 'yes' THEN true WHEN 'no' THEN false END AS ai_agent
FROM accounts
