-- GitHub: merged pull requests with their reviews, commits and checks -> pull_requests.
--
-- People are named by their login, in lower case; 'ghost' is GitHub's own name for an account that was deleted.
-- A co-author whose address GitHub does not tie to a login is 'unknown:' and part of the address's hash, so that
-- nobody's address is sealed and nobody unknown passes for nobody.
WITH known AS (
  SELECT
    -- Logins of AI agents, without the suffix [bot]. Whoever adds an agent to an organisation adds it here.
    ['amazon-q-developer', 'augmentcode', 'chatgpt-codex-connector', 'claude', 'codegen-sh', 'coderabbitai',
     'codex', 'copilot', 'copilot-pull-request-reviewer', 'copilot-swe-agent', 'cursor', 'cursoragent',
     'devin-ai-integration', 'ellipsis-dev', 'factory-droid', 'gemini-code-assist', 'github-copilot',
     'google-labs-jules', 'openai-codex', 'openhands-agent', 'qodo-merge-pro', 'sourcery-ai', 'sweep-ai',
     'windsurf-bot'] AS agents,
    -- Addresses with which agents sign commits.
    ['cursoragent@cursor.com', 'noreply@anthropic.com', 'noreply@openai.com', 'openhands@all-hands.dev'] AS addresses,
    -- Words that look like a ticket and are none.
    ['AES', 'BIP', 'CVE', 'CWE', 'GHSA', 'HTTP', 'ISO', 'MD', 'PEP', 'RFC', 'RSA', 'SHA', 'SOC', 'TLS', 'UTC', 'UTF',
     'X'] AS no_tickets
),
answers AS (
  SELECT
    record->>'$.repository' AS repo,
    record->'$.pull' AS pull,
    TRY_CAST(record->'$.reviews' AS JSON[]) AS reviews,
    TRY_CAST(record->'$.commits' AS JSON[]) AS commits,
    coalesce(TRY_CAST(record->'$.check_runs' AS JSON[]), []) AS check_runs,
    coalesce(TRY_CAST(record->'$.statuses' AS JSON[]), []) AS statuses,
    coalesce(TRY_CAST(record->'$.pull.labels' AS JSON[]), []) AS labels,
    list_concat(
      record->>'$.base.protection.required_status_checks.contexts[*]',
      record->>'$.base.protection.required_status_checks.checks[*].context',
      record->>'$.base.rules[*].parameters.required_status_checks[*].context'
    ) AS required
  FROM pull_requests
),
people AS (
  SELECT
    answers.*,
    known.*,
    lower(coalesce(pull->>'$.user.login', 'ghost')) AS author,
    lower(pull->>'$.merged_by.login') AS merger,
    -- The address that each commit was written from, beside the login that GitHub ties to it.
    [{'address': lower(one->>'$.commit.author.email'), 'login': lower(one->>'$.author.login')}
      for one in commits if one->>'$.author.login' IS NOT NULL] AS addressed,
    flatten([regexp_extract_all(
        lower(coalesce(one->>'$.commit.message', '')), '(?m)^co-authored-by:[^<\n]*<\s*([^>\s]+)\s*>', 1)
      for one in commits]) AS trailers,
    [{'name': one->>'$.name',
      'state': CASE
        WHEN one->>'$.conclusion' IN ('success', 'neutral', 'skipped') THEN 'pass'
        WHEN one->>'$.conclusion' IS NULL THEN 'open' ELSE 'fail' END} for one in check_runs] AS checked,
    [{'name': one->>'$.context',
      'state': CASE one->>'$.state' WHEN 'success' THEN 'pass' WHEN 'pending' THEN 'open' ELSE 'fail' END}
      for one in statuses] AS reported
  FROM answers CROSS JOIN known
),
named AS (
  SELECT
    *,
    [coalesce(
        list_extract([pair.login for pair in addressed if pair.address = address], 1),
        nullif(regexp_extract(address, '^(?:[0-9]+\+)?([^@]+)@users\.noreply\.github\.com$', 1), ''),
        CASE WHEN list_contains(addresses, address) THEN address ELSE 'unknown:' || left(sha256(address), 16) END)
      for address in trailers] AS trailed,
    [coalesce(
        lower(one->>'$.author.login'),
        nullif(regexp_extract(lower(one->>'$.commit.author.email'),
          '^(?:[0-9]+\+)?([^@]+)@users\.noreply\.github\.com$', 1), ''),
        'unknown:' || left(sha256(lower(one->>'$.commit.author.email')), 16))
      for one in commits] AS writers,
    list_concat(checked, reported) AS results
  FROM people
),
judged AS (
  SELECT
    *,
    list_sort(list_distinct([who for who in list_concat(trailed, writers) if who <> author])) AS co_authors,
    [one.state for one in results if len(required) = 0 OR list_contains(required, one.name)] AS states,
    -- A required check holds where one of its results passed and none failed.
    [name for name in required
      if NOT list_contains([one.name for one in results if one.state = 'pass'], name)] AS missing,
    commits[len(commits)] AS last_commit
  FROM named
)
SELECT
  repo,
  pull->>'$.number' AS number,
  author AS author_id,
  CASE
    WHEN list_contains(agents, replace(author, '[bot]', '')) THEN 'ai-agent'
    WHEN pull->>'$.user.type' = 'Bot' OR author LIKE '%[bot]' THEN 'bot'
    ELSE 'human' END AS author_kind,
  -- GitHub lists at most 250 commits of a pull request: beyond that the co-authors are not all known.
  CASE WHEN coalesce(TRY_CAST(pull->>'$.commits' AS BIGINT), len(commits)) <= len(commits) THEN co_authors END
    AS co_author_ids,
  CASE WHEN len([who for who in list_append(co_authors, author)
      if list_contains(agents, replace(who, '[bot]', '')) OR list_contains(addresses, who)]) > 0 THEN true END
    AS ai_assisted,
  pull->>'$.created_at' AS created_at,
  pull->>'$.merged_at' AS merged_at,
  merger AS merged_by,
  CASE
    WHEN merger IS NULL THEN NULL
    WHEN list_contains(agents, replace(merger, '[bot]', '')) THEN 'ai-agent'
    WHEN pull->>'$.merged_by.type' = 'Bot' OR merger LIKE '%[bot]' THEN 'bot'
    ELSE 'human' END AS merged_by_kind,
  pull->>'$.base.ref' AS base_branch,
  pull->>'$.head.sha' AS head_sha,
  pull->>'$.merge_commit_sha' AS merge_sha,
  CASE WHEN reviews IS NOT NULL THEN to_json([{
      'reviewer_id': lower(coalesce(one->>'$.user.login', 'ghost')),
      -- Nobody knows whether a deleted account was a person's.
      'reviewer_kind': CASE
        WHEN one->>'$.user.login' IS NULL THEN NULL
        WHEN list_contains(agents, replace(lower(one->>'$.user.login'), '[bot]', '')) THEN 'ai-agent'
        WHEN one->>'$.user.type' = 'Bot' OR one->>'$.user.login' LIKE '%[bot]' THEN 'bot'
        ELSE 'human' END,
      'state': upper(one->>'$.state'),
      'submitted_at': one->>'$.submitted_at',
      'commit_sha': one->>'$.commit_id'
    } for one in reviews]) END AS approvals,
  CASE
    WHEN list_contains(states, 'fail') THEN 'fail'
    WHEN len(missing) > 0 THEN 'bypassed'
    WHEN list_contains(states, 'pass') THEN 'pass'
    ELSE 'none' END AS checks_state,
  -- 'web-flow' commits for whoever pressed the button in the web interface: its author.
  CASE
    WHEN lower(last_commit->>'$.committer.login') <> 'web-flow' THEN lower(last_commit->>'$.committer.login')
    ELSE lower(last_commit->>'$.author.login') END AS last_pusher_id,
  last_commit->>'$.commit.committer.date' AS last_push_at,
  list_extract([ticket for ticket in regexp_extract_all(
      concat_ws(' ', pull->>'$.title', pull->>'$.head.ref', pull->>'$.body'), '\b(?:[A-Z][A-Z0-9]{1,9}-[0-9]+|CHG[0-9]{5,})\b')
    if NOT list_contains(no_tickets, split_part(ticket, '-', 1))], 1) AS linked_change_id,
  [one->>'$.name' for one in labels] AS labels
FROM judged
