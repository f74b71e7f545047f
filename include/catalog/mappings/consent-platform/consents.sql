-- Consent platform: what each person last decided for each purpose -> consents.
SELECT
  record->>'$.subject' AS subject_key,
  record->>'$.purpose' AS purpose,
  record->>'$.status' AS state,
  record->>'$.changed_at' AS changed_at,
  record->>'$.notice' AS notice_version
FROM raw
