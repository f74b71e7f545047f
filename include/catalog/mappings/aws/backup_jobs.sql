-- AWS Backup: report of backup jobs (CSV) -> backups. Stream backup_jobs.
-- A copy is off-site when its vault lies in another region than the resource.
SELECT
  "Job Id" AS job_id,
  "Resource Name" AS system_id,
  "Start Date" AS started_at,
  CASE "Job Status" WHEN 'COMPLETED' THEN 'success' ELSE 'failed' END AS status,
  lower("Is Encrypted") = 'true' AS encrypted,
  "Copy Region" IS NOT NULL AND "Copy Region" <> "Region" AS offsite
FROM backup_jobs
