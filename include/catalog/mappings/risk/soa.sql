-- Risk office: statement of applicability (CSV) -> soa. Stream soa; controls and risks are separated by blanks.
SELECT
  annex_id,
  version,
  applicable = 'yes' AS applicable,
  justification,
  implementation,
  CASE WHEN controls IS NULL THEN [] ELSE string_split(controls, ' ') END AS control_ids,
  CASE WHEN risks IS NULL THEN [] ELSE string_split(risks, ' ') END AS risk_ids,
  approved_by,
  approved_at
FROM soa
