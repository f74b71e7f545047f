-- Data catalogue: training sets -> training_datasets. Stream training_sets: one version of a set a record.
SELECT
  record->>'$.id' AS dataset_id,
  record->>'$.version' AS version,
  record->>'$.system' AS ai_system_id,
  record->>'$.origin' AS origin,
  record->>'$.acquired' AS acquired_at,
  record->>'$.licence' AS licence,
  record->>'$.legal_basis' AS legal_basis,
  record->>'$.personal_data' AS personal_data,
  record->>'$.special_category' AS special_category,
  record->>'$.special_category_approved_by' AS special_category_approved_by,
  record->>'$.rows' AS "rows",
  record->>'$.sha256' AS content_sha256,
  record->>'$.recomputed' AS recomputed_sha256,
  record->>'$.recomputed_at' AS recomputed_at,
  record->>'$.suite_sha256' AS quality_suite_sha256,
  record->>'$.preparation' AS preparation,
  record->>'$.known_bias' AS known_bias,
  record->>'$.retain_until' AS retention_until,
  record->>'$.disposed' AS disposed_at,
  record->>'$.legal_hold' AS legal_hold
FROM training_sets
