-- Warehouse: what turned out to be right -> actuals.
SELECT
  prediction AS prediction_id,
  outcome AS actual,
  observed_at
FROM raw
