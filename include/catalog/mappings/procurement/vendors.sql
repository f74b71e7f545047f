-- Procurement: list of vendors (German CSV) -> vendors. Stream raw.
SELECT
  "Nr" AS vendor_id,
  "Name" AS "name",
  CASE "Stufe"
    WHEN 'kritisch' THEN 'critical'
    WHEN 'hoch' THEN 'high'
    WHEN 'mittel' THEN 'medium'
    WHEN 'niedrig' THEN 'low' END AS tier,
  "KI" = 'ja' AS provides_ai,
  string_split("Datenklassen", ',') AS data_classes,
  "Unterauftragnehmer" = 'ja' AS subprocessor,
  "Verantwortlich" AS owner_id,
  TRY_STRPTIME("Erstprüfung", '%d.%m.%Y') AS first_assessed_at,
  TRY_STRPTIME("Genutzt seit", '%d.%m.%Y') AS first_used_at,
  TRY_STRPTIME("Zuletzt geprüft", '%d.%m.%Y') AS last_assessed_at,
  CASE "Ergebnis"
    WHEN 'freigegeben' THEN 'approved'
    WHEN 'mit Auflagen' THEN 'conditional'
    WHEN 'abgelehnt' THEN 'rejected'
    ELSE 'none' END AS assessment_result,
  "Bericht" AS assurance_report,
  TRY_STRPTIME("Bericht bis", '%d.%m.%Y') AS report_period_end,
  TRY_STRPTIME("Bridge Letter bis", '%d.%m.%Y') AS bridge_letter_until,
  "Abweichungen bewertet" = 'ja' AS exceptions_evaluated,
  "CUEC zugeordnet" = 'ja' AS cuecs_mapped,
  string_split("KI-Fragen", ',') AS ai_answers,
  TRY_STRPTIME("Nächste Prüfung", '%d.%m.%Y') AS next_review_at,
  CASE "Status" WHEN 'aktiv' THEN 'active' WHEN 'beendet' THEN 'offboarded' END AS status
FROM raw
