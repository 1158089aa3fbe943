-- The settings as last made, by the plan or by `orchestrate set`.
SELECT s.key, s.value AS text FROM orchestrate.control c, pg_catalog.jsonb_each_text(c.settings) AS s WHERE c.run = $1::bigint;
