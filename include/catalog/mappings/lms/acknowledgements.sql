-- Learning platform, German CSV of who read which policy -> policy_acknowledgements.
-- Times are UTC; one that is not in the German form stays as it is, and the row is refused.
SELECT
  "Personalnr" AS person_id,
  "Richtlinie" AS policy_id,
  "Version" AS version,
  coalesce(CAST(try_strptime("Gelesen am", '%d.%m.%Y %H:%M') AS VARCHAR), "Gelesen am") AS acknowledged_at
FROM read
