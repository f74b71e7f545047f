-- German personnel system, CSV of all people -> hr_roster.
-- Times are UTC; one that is not in the German form stays as it is, and the row is refused.
WITH answers AS (
  SELECT
    *,
    CASE lower("Status")
      WHEN 'aktiv' THEN 'active'
      WHEN 'abwesend' THEN 'leave'
      WHEN 'ausgetreten' THEN 'terminated'
      WHEN 'eintritt geplant' THEN 'pre-start'
      ELSE "Status" END AS standing
  FROM raw
)
SELECT
  "Personalnr" AS person_id,
  "E-Mail" AS work_email,
  "Name" AS full_name,
  "Vorgesetzte" AS manager_id,
  "Abteilung" AS department,
  "Stelle" AS job_title,
  CASE "Art" WHEN 'Angestellt' THEN 'employee' WHEN 'Extern' THEN 'contractor' ELSE "Art" END AS worker_type,
  standing AS status,
  coalesce(CAST(try_strptime("Eintritt", '%d.%m.%Y') AS VARCHAR), "Eintritt") AS hire_date,
  coalesce(CAST(try_strptime("Wechsel am", '%d.%m.%Y %H:%M') AS VARCHAR), "Wechsel am") AS job_changed_at,
  coalesce(CAST(try_strptime("Rückkehr", '%d.%m.%Y') AS VARCHAR), "Rückkehr") AS returned_at,
  coalesce(CAST(try_strptime("Austritt", '%d.%m.%Y %H:%M') AS VARCHAR), "Austritt") AS termination_at,
  CASE "Austrittsart"
    WHEN 'Kündigung Mitarbeiter' THEN 'voluntary'
    WHEN 'Kündigung Arbeitgeber' THEN 'involuntary'
    WHEN 'Befristung' THEN 'contract-end' END AS termination_kind
FROM answers
