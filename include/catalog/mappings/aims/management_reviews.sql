-- Management system: management reviews -> management_reviews. Stream reviews: one review a record.
SELECT
  record->>'$.id' AS review_id,
  record->>'$.from' AS period_start,
  record->>'$.to' AS period_end,
  record->>'$.prepared_by' AS prepared_by,
  record->>'$.pack_sha256' AS pack_sha256,
  record->>'$.held' AS held_at,
  record->>'$.chair' AS chair_id,
  record->'$.attendees' AS attendees,
  record->'$.inputs' AS inputs_covered,
  record->'$.decisions' AS decisions,
  record->'$.conclusion' AS conclusion,
  record->'$.signed_by' AS signed_by,
  record->>'$.signed' AS signed_at,
  record->>'$.signed_pack_sha256' AS signed_pack_sha256,
  record->>'$.status' AS status
FROM reviews
