-- AI register: evaluations -> evaluations. Stream evaluations: one evaluation a record.
SELECT
  record->>'$.id' AS evaluation_id,
  record->>'$.system' AS ai_system_id,
  record->>'$.model_version' AS model_version_id,
  record->>'$.artifact_sha256' AS artifact_sha256,
  record->>'$.kind' AS kind,
  record->>'$.performed' AS performed_at,
  record->>'$.by' AS performed_by,
  record->'$.metrics' AS metrics,
  record->>'$.attribute' AS protected_attribute,
  record->'$.groups' AS n_by_group,
  [each || '|' || coalesce(record->>('$.groups.' || each), '')
    || '|' || coalesce(record->>('$.rates.' || each || '.selected'), '')
    || '|' || coalesce(record->>('$.rates.' || each || '.true_positive'), '')
    || '|' || coalesce(record->>('$.rates.' || each || '.false_positive'), '')
    for each in json_keys(record->'$.groups')] AS groups,
  record->>'$.threshold' AS threshold,
  record->>'$.result' AS result,
  record->>'$.report_sha256' AS report_sha256
FROM evaluations
