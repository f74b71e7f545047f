-- GRC register: roles as it lists them -> roles.
SELECT
  record->>'$.role_id' AS role_id,
  record->>'$.person_id' AS person_id,
  record->'$.responsibilities' AS responsibilities,
  record->'$.authority' AS authority,
  record->'$.required_competences' AS required_competences,
  record->>'$.assigned_at' AS assigned_at,
  record->>'$.delegate_id' AS delegate_id,
  record->'$.ai_systems' AS ai_systems
FROM roles
