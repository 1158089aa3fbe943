-- The settings as they hold now: made by the plan, or by `orchestrate set` in its place.
SELECT k.key, c.settings ->> k.key AS plan, COALESCE(c.live ->> k.key, c.settings ->> k.key) AS text
  FROM orchestrate.control c
 CROSS JOIN LATERAL pg_catalog.jsonb_object_keys(c.settings || c.live) AS k (key)
 WHERE c.run = $1::bigint;
