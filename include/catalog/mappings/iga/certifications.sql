-- Identity governance tool, CSV of certifications item by item -> access_reviews.
SELECT
  "Certification" AS review_id,
  "Native Identity" AS account_id,
  "Application" AS system_id,
  "Entitlement" AS entitlement,
  "Started" AS started_at,
  "From" AS period_start,
  "To" AS period_end,
  "Certifier" AS reviewer_id,
  CASE "Decision" WHEN 'Approved' THEN 'keep' WHEN 'Revoked' THEN 'revoke' WHEN 'Changed' THEN 'modify' ELSE 'none' END
    AS decision,
  "Signed Off" AS decided_at,
  "Remediated" AS remediated_at
FROM certifications
