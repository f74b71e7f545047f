-- Register of findings -> findings. Stream raw: one finding a record.
SELECT
  record->>'$.id' AS finding_id,
  record->>'$.origin' AS origin,
  record->>'$.reference' AS origin_ref,
  record->'$.controls' AS control_ids,
  coalesce(record->'$.requirements', '[]') AS framework_refs,
  record->>'$.grade' AS grade,
  record->>'$.description' AS description,
  record->>'$.raised' AS raised_at,
  record->>'$.owner' AS owner_id,
  record->>'$.due' AS due_at,
  record->>'$.root_cause' AS root_cause,
  record->>'$.contained' AS containment_at,
  record->>'$.corrective_action' AS corrective_action,
  record->>'$.evidence' AS evidence_ref,
  record->>'$.closed' AS closed_at,
  record->>'$.closed_by' AS closed_by,
  record->>'$.effectiveness_checked' AS effectiveness_checked_at,
  record->>'$.effectiveness' AS effectiveness_result,
  record->>'$.similar_checked' AS similar_checked,
  record->>'$.reopens' AS reopens,
  record->>'$.waiver' AS waiver_id
FROM raw
