-- Learning platform, German CSV of completed courses -> training_completions.
-- Times are UTC; one that is not in the German form stays as it is, and the row is refused.
SELECT
  "Personalnr" AS person_id,
  "Kurs" AS course_id,
  coalesce(CAST(try_strptime("Zugewiesen", '%d.%m.%Y %H:%M') AS VARCHAR), "Zugewiesen") AS assigned_at,
  coalesce(CAST(try_strptime("Abgeschlossen", '%d.%m.%Y %H:%M') AS VARCHAR), "Abgeschlossen") AS completed_at,
  replace("Ergebnis %", ',', '.') AS score
FROM completions
