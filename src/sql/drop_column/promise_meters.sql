-- The meters, one by one; see gate_meters.sql.
WITH tree AS (
    SELECT :relid::pg_catalog.oid AS relid
     UNION
    SELECT t.relid FROM pg_catalog.pg_partition_tree(:relid) t
)
SELECT t.tgenabled IS NOT DISTINCT FROM 'A' AS ok,
       pg_catalog.format('trigger %I of %I.%I is %s', meter.name, n.nspname, c.relname,
                         CASE WHEN t.oid IS NULL THEN 'missing' WHEN t.tgenabled = 'A' THEN 'there, ENABLE ALWAYS' ELSE 'not ENABLE ALWAYS' END) AS text
  FROM tree
  JOIN pg_catalog.pg_class c ON c.oid = tree.relid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN pg_catalog.unnest(ARRAY[:'trigger_seen', :'trigger_used']) AS meter (name)
  LEFT JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid AND t.tgname = meter.name
 UNION ALL
SELECT s.there, pg_catalog.format(CASE WHEN s.there THEN 'sequence %s is there' ELSE 'sequence %s is missing' END, :'meter')
  FROM (SELECT pg_catalog.to_regclass(:'meter') IS NOT NULL) AS s (there);
