-- Cloud access broker: what agents on devices saw of generative AI, and their own heartbeats -> genai_usage.
SELECT
  record->>'$._id' AS event_id,
  to_timestamp(CAST(record->>'$.timestamp' AS BIGINT)) AS occurred_at,
  record->>'$.employee_id' AS person_id,
  CASE record->>'$.type' WHEN 'heartbeat' THEN 'check-in' ELSE 'use' END AS activity,
  lower(record->>'$.hostname') AS "domain",
  record->>'$.app_instance' AS tool_id,
  coalesce(lower(record->>'$.data_label'), 'unknown') AS data_class,
  CASE record->>'$.action'
    WHEN 'allow' THEN 'allowed'
    WHEN 'block' THEN 'blocked'
    WHEN 'useralert' THEN 'coached'
    ELSE 'none' END AS dlp_action
FROM raw
