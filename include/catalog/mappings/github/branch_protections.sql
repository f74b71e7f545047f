-- GitHub: classic branch protection and rulesets together -> branch_protections.
--
-- Where both protect a branch the stronger holds. What the token cannot see counts as absent: a rule set whose
-- bypass list is hidden is taken to let administrators pass.
WITH answers AS (
  SELECT
    record,
    record->'$.protection' AS classic,
    [rule for rule in coalesce(TRY_CAST(record->'$.rules' AS JSON[]), []) if rule->>'$.type' = 'pull_request'] AS reviews,
    record->>'$.rules[*].type' AS types,
    record->>'$.protection.required_pull_request_reviews.bypass_pull_request_allowances.users[*].login' AS users,
    record->>'$.protection.required_pull_request_reviews.bypass_pull_request_allowances.teams[*].slug' AS teams,
    record->>'$.protection.required_pull_request_reviews.bypass_pull_request_allowances.apps[*].slug' AS apps,
    coalesce(TRY_CAST(record->'$.rulesets' AS JSON[]), []) AS rulesets
  FROM branch_protections
),
bypasses AS (
  SELECT
    *,
    flatten([TRY_CAST(one->'$.bypass_actors' AS JSON[]) for one in rulesets
      if json_type(one, '$.bypass_actors') = 'ARRAY']) AS actors,
    -- Rule sets that say openly that nobody may pass them by.
    [one->>'$.id' for one in rulesets if json_array_length(one, '$.bypass_actors') = 0] AS strict
  FROM answers
)
SELECT
  record->>'$.repository.full_name' AS repo,
  record->>'$.branch' AS branch,
  greatest(
    coalesce(TRY_CAST(classic->>'$.required_pull_request_reviews.required_approving_review_count' AS BIGINT), 0),
    coalesce(list_max([TRY_CAST(rule->>'$.parameters.required_approving_review_count' AS BIGINT)
      for rule in reviews]), 0)
  ) AS required_approvals,
  coalesce(TRY_CAST(classic->>'$.required_pull_request_reviews.dismiss_stale_reviews' AS BOOLEAN), false)
    OR list_contains([rule->>'$.parameters.dismiss_stale_reviews_on_push' for rule in reviews], 'true') AS dismiss_stale,
  coalesce(TRY_CAST(classic->>'$.enforce_admins.enabled' AS BOOLEAN), false)
    OR len([rule for rule in reviews if list_contains(strict, rule->>'$.ruleset_id')]) > 0 AS enforce_admins,
  list_sort(list_distinct(list_concat(
    record->>'$.protection.required_status_checks.contexts[*]',
    record->>'$.protection.required_status_checks.checks[*].context',
    record->>'$.rules[*].parameters.required_status_checks[*].context'
  ))) AS required_checks,
  -- Classic protection forbids it unless it says otherwise; without any protection it is allowed.
  CASE
    WHEN list_contains(types, 'non_fast_forward') THEN false
    WHEN json_type(classic) = 'OBJECT' THEN coalesce(TRY_CAST(classic->>'$.allow_force_pushes.enabled' AS BOOLEAN), false)
    ELSE true END AS allow_force_push,
  to_json(list_concat(
    [{'kind': 'user', 'id': who} for who in users],
    [{'kind': 'team', 'id': who} for who in teams],
    [{'kind': 'app', 'id': who} for who in apps],
    [{'kind': lower(actor->>'$.actor_type'), 'id': actor->>'$.actor_id'} for actor in actors]
  )) AS bypass_actors
FROM bypasses
