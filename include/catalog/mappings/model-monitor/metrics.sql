-- Model monitor: one metric of one model version over one period a record -> model_metrics. Stream metrics.
SELECT
  record->>'$.model.system' AS ai_system_id,
  record->>'$.model.version' AS model_version_id,
  record->>'$.metric' AS metric,
  record->>'$.period.from' AS window_start,
  record->>'$.period.to' AS window_end,
  record->>'$.value' AS value,
  record->>'$.baseline' AS baseline,
  record->>'$.items' AS n,
  record->>'$.limit' AS threshold,
  CASE record->>'$.better' WHEN 'higher' THEN true WHEN 'lower' THEN false END AS higher_is_better
FROM metrics
