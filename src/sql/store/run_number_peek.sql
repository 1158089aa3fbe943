-- The number that the next run will probably get: for previews.
SELECT CASE WHEN s.is_called THEN s.last_value + 1 ELSE s.last_value END AS id FROM orchestrate.run_number s;
