-- Every requirement that a control can answer, as the catalog of the day has it.
SELECT
  record->>'$.framework' AS framework,
  record->>'$.requirement_id' AS requirement_id,
  record->>'$.title' AS title,
  record->>'$.kind' AS kind,
  record->'$.control_ids' AS control_ids,
  record->'$.active_control_ids' AS active_control_ids
FROM requirements
