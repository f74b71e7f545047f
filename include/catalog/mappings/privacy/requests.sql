-- Privacy tool: requests of data subjects -> dsr_requests. Stream raw: one request a record.
SELECT
  record->>'$.id' AS request_id,
  lower(record->>'$.type') AS kind,
  record->>'$.received' AS received_at,
  record->>'$.identityVerified' AS identity_verified_at,
  record->>'$.deadline' AS due_at,
  record->>'$.extension.reason' AS extension_reason,
  record->>'$.firstAction' AS acted_at,
  record->>'$.closed' AS closed_at,
  CASE record->>'$.resolution'
    WHEN 'COMPLETED' THEN 'fulfilled'
    WHEN 'PARTIAL' THEN 'partly'
    WHEN 'REJECTED' THEN 'refused'
    WHEN 'WITHDRAWN' THEN 'withdrawn'
    ELSE record->>'$.resolution' END AS outcome,
  record->>'$.thirdPartiesInformed' AS passed_to_third_parties
FROM raw
