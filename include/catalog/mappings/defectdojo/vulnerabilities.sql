-- DefectDojo: findings of the vulnerability scanners -> vulnerabilities. Stream raw: one finding a record.
SELECT
  record->>'$.id' AS vuln_id,
  record->>'$.component' AS asset_id,
  lower(record->>'$.severity') AS severity,
  record->>'$.created' AS detected_at,
  record->>'$.mitigated' AS fixed_at,
  CASE
    WHEN record->>'$.false_p' = 'true' THEN 'false-positive'
    WHEN record->>'$.is_mitigated' = 'true' THEN 'fixed'
    WHEN record->>'$.risk_accepted' = 'true' THEN 'accepted'
    ELSE 'open' END AS status,
  record->>'$.waiver' AS waiver_id
FROM raw
