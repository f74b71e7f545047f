-- Continuity office: list of recovery tests (CSV) -> recovery_tests. Stream recovery_tests.
SELECT
  "Test" AS test_id,
  lower(replace("Kind", ' ', '-')) AS kind,
  "System" AS system_id,
  "Performed" AS performed_at,
  "RTO target (min)" AS rto_target_min,
  "RTO actual (min)" AS rto_actual_min,
  "RPO target (min)" AS rpo_target_min,
  "RPO actual (min)" AS rpo_actual_min,
  lower("Result") AS result,
  "Approved by" AS approved_by,
  "Scenario" AS scenario
FROM recovery_tests
