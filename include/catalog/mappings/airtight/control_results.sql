-- The product's own results, one for each control and test that was due -> control_results.
-- A null state is a result that was due and did not come.
SELECT
  record->>'$.result_id' AS result_id,
  record->>'$.control_id' AS control_id,
  record->>'$.test_id' AS test_id,
  record->>'$.partition' AS partition,
  record->>'$.owner' AS owner,
  record->>'$.frequency' AS frequency,
  record->>'$.period_start' AS period_start,
  record->>'$.period_end' AS period_end,
  record->>'$.expected' AS expected,
  record->>'$.state' AS state,
  record->>'$.reason' AS reason,
  record->>'$.population_n' AS population_n,
  record->>'$.tested_n' AS tested_n,
  record->>'$.deviation_n' AS deviation_n,
  record->>'$.waived_n' AS waived_n,
  record->>'$.no_occurrence' AS no_occurrence,
  record->>'$.automated' AS automated,
  record->>'$.definition_sha256' AS definition_sha256,
  record->>'$.definition_commit' AS definition_commit,
  record->>'$.definition_author' AS definition_author,
  record->>'$.definition_approver' AS definition_approver,
  record->>'$.reviewed' AS reviewed,
  record->'$.requirement_ids' AS requirement_ids,
  record->>'$.parameters' AS parameters,
  record->>'$.bundle_id' AS bundle_id
FROM control_results
