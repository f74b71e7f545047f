-- GitHub: deployments with their statuses, the workflow run behind them and its approvals -> deployments.
--
-- An environment whose name tells nothing counts as production, so that none escapes. A deployment that has not
-- ended well by the time of collection counts as failed; the days that may still change are collected again.
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
    record->>'$.repository' AS repo,
    record->'$.deployment' AS deployment,
    lower(coalesce(record->>'$.deployment.original_environment', record->>'$.deployment.environment')) AS place,
    -- 'inactive' may follow a success, when a later deployment takes the place.
    [{'state': one->>'$.state', 'at': one->>'$.created_at'}
      for one in TRY_CAST(record->'$.statuses' AS JSON[])] AS statuses,
    lower(coalesce(record->>'$.deployment.creator.login', 'ghost')) AS creator,
    coalesce(record->>'$.deployment.creator.type' = 'Bot' OR record->>'$.deployment.creator.login' LIKE '%[bot]', false)
      AS by_machine,
    -- Who set the workflow off, where a workflow deployed.
    lower(coalesce(record->>'$.run.triggering_actor.login', record->>'$.run.actor.login')) AS starter,
    coalesce(record->>'$.run.triggering_actor.type', record->>'$.run.actor.type') AS starter_type,
    record->>'$.run.event' AS event,
    lower(list_extract([one->>'$.user.login' for one in TRY_CAST(record->'$.approvals' AS JSON[])
      if one->>'$.state' = 'approved' AND coalesce(one->>'$.user.type', '') <> 'Bot'], 1)) AS approver,
    known.agents
  FROM deployments CROSS JOIN known
),
dated AS (
  SELECT
    *,
    list_contains([one.state for one in statuses], 'success') AS succeeded,
    list_min([one.at for one in statuses if one.state IN ('success', 'failure', 'error')]) AS finished
  FROM answers
)
SELECT
  repo || '/' || (deployment->>'$.id') AS deployment_id,
  repo AS system_id,
  -- What the workflow that deploys a model writes into the deployment's payload.
  deployment->>'$.payload.ai_system' AS ai_system_id,
  deployment->>'$.payload.model_version' AS model_version_id,
  deployment->>'$.payload.artifact_sha256' AS artifact_sha256,
  CASE
    WHEN deployment->>'$.production_environment' = 'true' THEN 'prod'
    WHEN regexp_matches(place, '(^|[^a-z])(stag(e|ing)|uat|pre-?prod|preproduction|qa)([^a-z]|$)') THEN 'staging'
    WHEN deployment->>'$.transient_environment' = 'true' THEN 'dev'
    WHEN regexp_matches(place, '(^|[^a-z])(dev|develop|development|test|testing|sandbox|preview|local|ci)([^a-z]|$)')
      THEN 'dev'
    ELSE 'prod' END AS environment,
  deployment->>'$.sha' AS sha,
  deployment->>'$.created_at' AS started_at,
  finished AS finished_at,
  CASE WHEN by_machine THEN coalesce(starter, creator) ELSE creator END AS initiated_by,
  CASE
    WHEN list_contains(agents, replace(creator, '[bot]', '')) THEN 'ai-agent'
    WHEN by_machine THEN 'pipeline'
    ELSE 'human' END AS initiated_by_kind,
  CASE
    WHEN NOT by_machine OR starter IS NULL THEN NULL
    WHEN list_contains(agents, replace(starter, '[bot]', '')) THEN 'ai-agent'
    WHEN event = 'schedule' THEN 'schedule'
    WHEN starter_type = 'Bot' OR starter LIKE '%[bot]' THEN 'bot'
    ELSE 'human' END AS triggered_by_kind,
  approver AS approved_by,
  CASE WHEN succeeded THEN 'success' ELSE 'failed' END AS status
FROM dated
