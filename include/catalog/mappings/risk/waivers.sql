-- Risk office: waivers -> waivers. Stream waivers: one waiver a record.
SELECT
  record->>'$.id' AS waiver_id,
  record->>'$.scope' AS scope_kind,
  record->>'$.reference' AS scope_ref,
  record->>'$.reason' AS reason,
  record->>'$.risk' AS risk_id,
  record->>'$.compensating_control' AS compensating_control_id,
  record->>'$.requested_by' AS requested_by,
  record->>'$.approved_by' AS approved_by,
  record->>'$.approved' AS approved_at,
  record->>'$.renewed' AS renewed_at,
  record->>'$.renewals' AS renewals,
  record->>'$.expires' AS expires_at,
  record->>'$.status' AS status
FROM waivers
