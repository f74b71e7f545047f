-- PagerDuty: alerts -> alerts. Stream alerts: one alert a record; custom fields hold kind, AI system and outcome.
SELECT
  record->>'$.id' AS alert_id,
  record->>'$.custom.kind' AS kind,
  record->>'$.custom.ai_system' AS ai_system_id,
  record->>'$.custom.about' AS about,
  record->>'$.severity' AS severity,
  record->>'$.created_at' AS raised_at,
  record->>'$.acknowledged_at' AS ack_at,
  record->>'$.acknowledged_by' AS ack_by,
  record->>'$.resolved_at' AS closed_at,
  record->>'$.custom.disposition' AS disposition,
  record->>'$.custom.incident' AS incident_id
FROM alerts
