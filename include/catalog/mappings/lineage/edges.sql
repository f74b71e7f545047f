-- Lineage catalogue: its edges, one a record -> lineage_edges. Kinds of nodes as the catalogue writes them, in lower case.
SELECT
  lower(record->>'$.from.type') AS src_kind,
  record->>'$.from.name' AS src_id,
  record->>'$.relation' AS rel,
  lower(record->>'$.to.type') AS dst_kind,
  record->>'$.to.name' AS dst_id,
  record->>'$.seen' AS observed_at
FROM edges
