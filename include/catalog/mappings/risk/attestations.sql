-- Risk office: attestations -> attestations. Stream attestations: one attestation a record.
SELECT
  record->>'$.id' AS attestation_id,
  record->>'$.control' AS control_id,
  record->>'$.test' AS test_id,
  record->>'$.from' AS period_start,
  record->>'$.to' AS period_end,
  record->>'$.answer' AS answer,
  record->>'$.statement' AS statement,
  record->>'$.by' AS attested_by,
  record->>'$.at' AS attested_at,
  record->>'$.reviewed_by' AS reviewed_by,
  record->>'$.reviewed_at' AS reviewed_at
FROM attestations
