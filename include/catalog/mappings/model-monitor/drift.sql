-- Model monitor: one column of one comparison with the reference a record -> drift_results. Stream drift.
SELECT
  record->>'$.model.system' AS ai_system_id,
  record->>'$.model.version' AS model_version_id,
  record->>'$.column' AS "column",
  record->>'$.at' AS window_end,
  record->>'$.stattest' AS method,
  record->>'$.score' AS statistic,
  record->>'$.threshold' AS threshold,
  record->>'$.drift_detected' AS drifted,
  record->>'$.rows.reference' AS n_ref,
  record->>'$.rows.current' AS n_cur,
  record->>'$.reference_sha256' AS reference_sha256,
  record->>'$.share_of_drifted_columns' AS share_drifted,
  record->>'$.critical' AS critical,
  record->>'$.canary' AS canary
FROM drift
