SELECT record->>'$.id' AS account_id FROM raw
