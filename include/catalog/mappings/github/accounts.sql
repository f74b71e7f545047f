-- GitHub: members and outside collaborators of an organisation -> accounts.
--
-- GitHub's name for an account is its login. GitHub tells since when the account exists, not since when it belongs to
-- the organisation, and whether a second factor is set up, not of which kind: so 'weak' at best, and 'none' where it
-- shows none or does not tell.
WITH known AS (
  SELECT
    -- Logins of AI agents, without the suffix [bot]. Whoever adds an agent to an organisation adds it here.
    ['amazon-q-developer', 'augmentcode', 'chatgpt-codex-connector', 'claude', 'codegen-sh', 'coderabbitai',
     'codex', 'copilot', 'copilot-pull-request-reviewer', 'copilot-swe-agent', 'cursor', 'cursoragent',
     'devin-ai-integration', 'ellipsis-dev', 'factory-droid', 'gemini-code-assist', 'github-copilot',
     'google-labs-jules', 'openai-codex', 'openhands-agent', 'qodo-merge-pro', 'sourcery-ai', 'sweep-ai',
     'windsurf-bot'] AS agents
),
answers AS (
  SELECT
    record,
    lower(record->>'$.member.login') AS login,
    record->>'$.member.type' AS type,
    record->>'$.two_factor' AS two_factor,
    known.agents
  FROM members CROSS JOIN known
)
SELECT
  login AS account_id,
  $system AS system_id,
  login,
  CASE
    WHEN list_contains(agents, replace(login, '[bot]', '')) THEN 'ai-agent'
    WHEN type = 'Bot' OR login LIKE '%[bot]' THEN 'service'
    ELSE 'human' END AS kind,
  CASE WHEN record->>'$.account.suspended_at' IS NOT NULL THEN 'suspended' ELSE 'active' END AS status,
  record->>'$.account.created_at' AS created_at,
  CASE WHEN type = 'Bot' THEN 'n/a' WHEN two_factor = 'true' THEN 'weak' ELSE 'none' END AS mfa_state,
  false AS sso_enforced,
  record->>'$.role' = 'admin' AS is_privileged
FROM answers
