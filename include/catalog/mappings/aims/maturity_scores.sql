-- Management system: maturity by domain -> maturity_scores. Stream maturity: one score a record.
SELECT
  record->>'$.domain' AS domain,
  record->>'$.as_of' AS as_of,
  record->>'$.score' AS score,
  record->>'$.target' AS target,
  record->>'$.basis' AS basis,
  record->'$.evidence' AS evidence_refs,
  record->>'$.assessed_by' AS assessed_by
FROM maturity
