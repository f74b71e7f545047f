-- Identity governance tool, CSV of requests -> access_requests.
SELECT
  "Request" AS request_id,
  "Identity" AS person_id,
  "Native Identity" AS account_id,
  "Application" AS system_id,
  "Entitlement" AS entitlement,
  "Operation" AS action,
  "Requested On" AS requested_at,
  "Requester" AS requested_by,
  "Approved On" AS approved_at,
  "Approver" AS approved_by,
  "Reviewer" AS reviewed_by,
  "Reviewed On" AS reviewed_at,
  CASE "State" WHEN 'PENDING' THEN 'open' ELSE lower("State") END AS state
FROM requests
