-- Learning platform, German CSV of policies with their versions -> policies.
-- Times are UTC; one that is not in the German form stays as it is, and the row is refused.
SELECT
  "Richtlinie" AS policy_id,
  "Version" AS version,
  "Titel" AS title,
  "Art" AS kind,
  "Verantwortlich" AS owner_id,
  "Freigegeben von" AS approved_by,
  coalesce(CAST(try_strptime("Freigegeben am", '%d.%m.%Y %H:%M') AS VARCHAR), "Freigegeben am") AS approved_at,
  coalesce(CAST(try_strptime("Gültig ab", '%d.%m.%Y') AS VARCHAR), "Gültig ab") AS effective_at,
  coalesce(CAST(try_strptime("Nächste Prüfung", '%d.%m.%Y') AS VARCHAR), "Nächste Prüfung") AS next_review_at,
  CASE "Wesentliche Änderung" WHEN 'ja' THEN true WHEN 'nein' THEN false END AS material_change,
  "Verfasst von" AS author_id,
  "SHA-256" AS content_sha256,
  "SHA-256 veröffentlicht" AS published_sha256,
  "Commit" AS git_commit,
  CASE WHEN "Themen" IS NULL THEN [] ELSE string_split("Themen", ' ') END AS covers
FROM policies
