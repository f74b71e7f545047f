-- Legal department: list of disclosures (German CSV) -> disclosures. Stream raw.
SELECT
  "Nr" AS disclosure_id,
  CASE "Genehmigt" WHEN 'ja' THEN TRUE WHEN 'nein' THEN FALSE END AS authorised,
  "Empfänger" AS recipient,
  "Rechtsgrundlage" AS basis,
  TRY_STRPTIME("Weitergegeben", '%d.%m.%Y %H:%M:%S') AS disclosed_at,
  TRY_STRPTIME("Erfasst", '%d.%m.%Y %H:%M:%S') AS recorded_at,
  "Vorfall" AS incident_id
FROM raw
