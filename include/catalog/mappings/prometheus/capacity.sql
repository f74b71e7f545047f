-- Prometheus: answers of query_range -> capacity_metrics. Stream raw: one series a record, its label `limit` the limit.
WITH series AS (
  SELECT
    record->>'$.metric.system' AS system_id,
    record->>'$.metric.__name__' AS metric,
    record->>'$.metric.limit' AS "limit",
    unnest(TRY_CAST(record->'$.values' AS JSON[])) AS reading
  FROM raw
)
SELECT
  system_id,
  metric,
  make_timestamp(CAST(TRY_CAST(reading->>'$[0]' AS DOUBLE) * 1000000 AS BIGINT)) AS ts,
  reading->>'$[1]' AS "value",
  "limit"
FROM series
