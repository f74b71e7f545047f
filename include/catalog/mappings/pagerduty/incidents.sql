-- PagerDuty: incidents with their custom fields -> incidents. Stream incidents: one incident a record.
SELECT
  record->>'$.id' AS incident_id,
  record->>'$.custom.category' AS category,
  'sev' || right(record->>'$.priority', 1) AS severity,
  record->>'$.custom.ai_system' AS ai_system_id,
  record->>'$.created_at' AS detected_at,
  record->>'$.custom.triaged_at' AS triaged_at,
  record->>'$.custom.contained_at' AS contained_at,
  record->>'$.resolved_at' AS resolved_at,
  record->>'$.custom.personal_data' AS personal_data_affected,
  record->>'$.custom.notify' AS notify_required,
  record->>'$.custom.notify_by' AS notify_due_at,
  record->>'$.custom.notified_at' AS notified_at,
  record->>'$.custom.root_cause' AS root_cause,
  record->>'$.custom.postmortem_at' AS postmortem_at,
  record->>'$.custom.finding' AS finding_id
FROM incidents
