-- Inference log: predictions -> predictions. The protected attributes are dropped before sealing.
SELECT
  record->>'$.id' AS prediction_id,
  record->>'$.model.system' AS ai_system_id,
  record->>'$.model.version' AS model_version_id,
  record->>'$.time' AS ts,
  record->'$.input' AS features,
  record->>'$.output.label' AS prediction,
  record->>'$.output.score' AS score,
  record->'$.groups' AS group_attrs,
  record->>'$.trace' AS trace_id,
  record->>'$.review.required' AS review_required,
  record->>'$.review.takes_effect' AS effective_at
FROM raw
