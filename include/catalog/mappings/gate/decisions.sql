-- Deployment gate: its ledger of decisions -> gate_decisions. Stream decisions: one decision a record, facts as text.
SELECT
  record->>'$.id' AS decision_id,
  record->>'$.subject.ai_system' AS ai_system_id,
  record->>'$.subject.model_version' AS model_version_id,
  record->>'$.subject.sha256' AS artifact_sha256,
  record->>'$.request.by' AS requested_by,
  record->>'$.request.at' AS requested_at,
  record->>'$.metadata' AS metadata,
  record->>'$.metadata_sha256' AS metadata_sha256,
  record->>'$.verdict.allowed' AS allowed,
  record->'$.verdict.violations' AS violations,
  record->>'$.verdict.policy' AS policy_version,
  record->>'$.override.by' AS override_by,
  record->>'$.override.reason' AS override_reason,
  record->>'$.override.waiver' AS waiver_id
FROM decisions
