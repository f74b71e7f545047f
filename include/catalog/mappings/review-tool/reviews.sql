-- Review tool: one review a record -> human_reviews.
SELECT
  record->>'$.id' AS review_id,
  record->>'$.subject' AS prediction_id,
  record->>'$.system' AS ai_system_id,
  record->>'$.reviewer' AS reviewer_id,
  record->>'$.closed_at' AS reviewed_at,
  record->>'$.open_seconds' AS seconds,
  record->>'$.verdict' AS decision,
  record->>'$.comment' AS reason,
  record->>'$.defect' AS defect
FROM raw
