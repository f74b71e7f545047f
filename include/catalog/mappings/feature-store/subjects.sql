-- Feature store: the people in each training set, by the keyed hash that the consent platform shares -> training_subjects.
SELECT
  dataset AS dataset_id,
  version,
  subject AS subject_key,
  purpose
FROM raw
