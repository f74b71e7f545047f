-- Okta: groups with their members -> entitlements, one for each member of each group.
--
-- A record is a group as the API lists it with its `members` (GET /api/v1/groups/<id>/users) beside; a group whose
-- members were not fetched gives nobody anything here. A group name tells environment and privilege where it has the
-- words; one that tells no environment counts as corp.
WITH answers AS (
  SELECT
    record->>'$.id' AS id,
    record->>'$.profile.name' AS name,
    lower(coalesce(record->>'$.profile.name', '')) AS words,
    unnest(list_distinct(record->>'$.members[*].id')) AS member
  FROM "groups"
)
SELECT
  member AS account_id,
  $system AS system_id,
  -- Names of groups need not be unique; their ids are.
  name || ' (' || id || ')' AS entitlement,
  'group' AS scope,
  regexp_matches(words, '(^|[^a-z])(admins?|administrators?|root|owners?|superusers?|privileged)([^a-z]|$)') AS privileged,
  CASE
    WHEN regexp_matches(words, '(^|[^a-z])(prod|production)([^a-z]|$)') THEN 'prod'
    WHEN regexp_matches(words, '(^|[^a-z])(stage|staging)([^a-z]|$)') THEN 'staging'
    WHEN regexp_matches(words, '(^|[^a-z])(dev|development|test|sandbox)([^a-z]|$)') THEN 'dev'
    ELSE 'corp' END AS environment,
  regexp_matches(words, '(^|[^a-z])(ai|ml|model|models|prompt|prompts)([^a-z]|$)')
    AND regexp_matches(words, '(^|[^a-z])(config|configuration|deploy|deployers?|thresholds?|admins?|train|trainers?)([^a-z]|$)')
    AS ai_config
FROM answers
