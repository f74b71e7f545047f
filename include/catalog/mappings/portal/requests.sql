-- External auditor's portal: requests for evidence (CSV) -> pbc_requests. Stream raw.
SELECT
  "Request" AS request_id,
  "Engagement" AS engagement_id,
  "Text" AS text,
  string_split("Controls", ' ') AS control_ids,
  "Kind" AS kind,
  "Requested" AS requested_at,
  "Due" AS due_at,
  "Assignee" AS assignee_id,
  "Delivered" AS delivered_at,
  "Bundle" AS bundle_id,
  "Returned" AS returned_n,
  lower("Status") AS status
FROM raw
