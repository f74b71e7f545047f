-- Change tool in the manner of Jira: issues of the change project -> changes.
SELECT
  record->>'$.key' AS change_id,
  lower(split_part(record->>'$.fields.issuetype.name', ' ', 1)) AS kind,
  record->>'$.fields.summary' AS title,
  record->>'$.fields.components[0].name' AS system_id,
  record->>'$.fields.ai_system' AS ai_system_id,
  record->>'$.fields.reporter.accountId' AS requested_by,
  record->>'$.fields.approval.by' AS approved_by,
  record->>'$.fields.approval.at' AS approved_at,
  record->>'$.fields.tested' AS tested_at,
  coalesce(record->>'$.fields.security_impact.value', 'not-assessed') AS security_impact,
  record->>'$.fields.customer_impact.material' AS material,
  record->>'$.fields.customer_impact.told' AS customer_notice_at,
  record->>'$.fields.security_impact.assessed' AS impact_assessed_at,
  record->>'$.fields.implemented' AS implemented_at,
  record->>'$.fields.assignee.accountId' AS implemented_by,
  record->>'$.fields.post_implementation_review' AS post_review_at,
  record->>'$.fields.rollback_plan' IS NOT NULL AS rollback_plan
FROM raw
