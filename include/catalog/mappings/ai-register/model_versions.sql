-- AI register: versions of models -> model_versions. Stream versions: one version a record.
SELECT
  record->>'$.id' AS model_version_id,
  record->>'$.system' AS ai_system_id,
  record->>'$.version' AS version,
  record->>'$.sha256' AS artifact_sha256,
  record->'$.datasets' AS training_dataset_ids,
  record->>'$.commit' AS code_sha,
  record->>'$.trained' AS trained_at,
  record->>'$.trained_by' AS trained_by,
  record->>'$.stage' AS stage,
  record->>'$.approved_by' AS approved_by,
  record->>'$.approved' AS approved_at,
  record->>'$.deployed' AS deployed_at,
  record->>'$.deployed_sha256' AS deployed_sha256,
  record->>'$.base' AS base_model,
  record->'$.metrics' AS baseline_metrics,
  record->>'$.positive_class' AS positive_class,
  record->>'$.predecessor' AS predecessor
FROM versions
