-- AI register: systems -> ai_inventory. Stream inventory: one system a record.
SELECT
  record->>'$.id' AS ai_system_id,
  record->>'$.name' AS "name",
  record->>'$.kind' AS kind,
  record->>'$.purpose' AS purpose,
  record->>'$.intended_use' AS intended_use,
  record->'$.prohibited_uses' AS prohibited_uses,
  record->>'$.use_case' AS use_case,
  record->>'$.owner' AS owner_id,
  record->>'$.executive' AS accountable_exec_id,
  record->>'$.vendor' AS vendor_id,
  record->>'$.tier' AS risk_tier,
  coalesce(record->>'$.eu_ai_act', 'unclassified') AS eu_ai_act_class,
  record->>'$.lifecycle' AS lifecycle,
  record->'$.affected' AS affected_persons,
  record->>'$.personal_data' AS personal_data,
  record->>'$.autonomous' AS autonomous,
  record->'$.endpoints' AS endpoints,
  record->>'$.monitoring' AS monitoring_ref,
  record->>'$.verified' AS last_verified_at,
  record->>'$.live_since' AS live_since,
  record->>'$.retired' AS retired_at
FROM inventory
