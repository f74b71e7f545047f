-- The product's own verdicts on the quality of what it collected -> dq_results.
SELECT
  record->>'$.dq_result_id' AS dq_result_id,
  record->>'$.collector_run_id' AS collector_run_id,
  record->>'$.source_id' AS source_id,
  record->>'$.population' AS population,
  record->>'$.partition' AS partition,
  record->>'$.period_start' AS period_start,
  record->>'$.period_end' AS period_end,
  record->>'$.suite_sha256' AS suite_sha256,
  record->>'$.expectation' AS expectation,
  record->>'$.column' AS "column",
  record->>'$.severity' AS severity,
  record->>'$.success' AS success,
  record->>'$.unexpected_count' AS unexpected_count,
  record->>'$.observed' AS observed,
  record->>'$.rows' AS "rows",
  record->>'$.bundle_id' AS bundle_id
FROM dq_results
