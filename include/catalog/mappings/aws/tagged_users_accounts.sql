-- AWS: users of get-account-authorization-details with the organisation's tags -> accounts.
--
-- The tags Person, Owner, Kind, AiAgent, SignOn, Admin, DisabledAt and LastConsoleLogin are the organisation's own:
-- IAM itself does not tell whose a user is. A user without the tag Kind counts as a human one that nobody owns.
WITH answers AS (
  SELECT
    record,
    map_from_entries([(tag->>'$.Key', tag->>'$.Value')
      for tag in coalesce(TRY_CAST(record->'$.Tags' AS JSON[]), [])]) AS tags
  FROM users
)
SELECT
  record->>'$.Arn' AS account_id,
  $system AS system_id,
  record->>'$.UserName' AS login,
  tags['Person'] AS person_id,
  coalesce(tags['Kind'], 'human') AS kind,
  CASE WHEN tags['DisabledAt'] IS NULL THEN 'active' ELSE 'suspended' END AS status,
  record->>'$.CreateDate' AS created_at,
  tags['DisabledAt'] AS disabled_at,
  tags['LastConsoleLogin'] AS last_login_at,
  CASE WHEN tags['SignOn'] = 'hardware-key' THEN 'phishing-resistant' WHEN tags['SignOn'] = 'identity-center' THEN 'n/a'
    ELSE 'none' END AS mfa_state,
  coalesce(tags['SignOn'] = 'identity-center', false) AS sso_enforced,
  coalesce(tags['Admin'] = 'true', false) AS is_privileged,
  tags['Owner'] AS owner_id,
  TRY_CAST(tags['AiAgent'] AS BOOLEAN) AS ai_agent
FROM answers
