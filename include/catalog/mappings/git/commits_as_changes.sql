-- Git: what landed on a branch -> changes, for a repository whose changes are recorded nowhere else.
--
-- A change is a commit on the branch itself: a merge, or a commit that was pushed without one. Git knows people by
-- their addresses, and of approvals only the trailers Approved-by, Reviewed-by and Acked-by; the writer's own count
-- for nothing. It tells neither tests nor an assessment of security. Changes are a register: give the source option
-- `since`, so that each day holds all of them.
WITH answers AS (
  SELECT
    record,
    lower(nullif(record->>'$.author.email', '')) AS writer,
    lower(nullif(record->>'$.committer.email', '')) AS committer,
    [lower(regexp_extract(one->>'$.value', '<([^>]*)>', 1)) for one in TRY_CAST(record->'$.trailers' AS JSON[])
      if lower(one->>'$.key') IN ('approved-by', 'reviewed-by', 'acked-by')] AS approvers
  FROM commits
  WHERE record->>'$.mainline' = 'true'
)
SELECT
  record->>'$.sha' AS change_id,
  'normal' AS kind,
  split_part(record->>'$.message', chr(10), 1) AS title,
  $system AS system_id,
  coalesce(writer, nullif(record->>'$.author.name', ''), 'unknown') AS requested_by,
  list_extract([who for who in approvers if who <> '' AND who IS DISTINCT FROM writer], 1) AS approved_by,
  'not-assessed' AS security_impact,
  record->>'$.committer.time' AS implemented_at,
  coalesce(committer, nullif(record->>'$.committer.name', '')) AS implemented_by,
  false AS rollback_plan
FROM answers
