-- What keeps both names in step, one by one.  `both_promised`: after the exchange
-- there is a further trigger.
WITH RECURSIVE tree AS (
    SELECT :relid::pg_catalog.oid AS relid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
), place AS (
    SELECT c.oid, c.oid = :relid AS root, pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel
      FROM tree
      JOIN pg_catalog.pg_class c ON c.oid = tree.relid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
)
SELECT t.tgenabled IS NOT DISTINCT FROM 'A' AS ok,
       CASE WHEN t.oid IS NULL THEN pg_catalog.format('trigger %I of %s is missing', n.name, place.rel)
            WHEN t.tgenabled <> 'A' THEN pg_catalog.format('trigger %I of %s is not ENABLE ALWAYS', n.name, place.rel)
            ELSE pg_catalog.format('trigger %I of %s is there, ENABLE ALWAYS', n.name, place.rel) END AS text
  FROM place
 CROSS JOIN LATERAL pg_catalog.unnest(ARRAY[:'trigger_first', :'trigger_last', :'trigger_insert', :'trigger_seen']
                                      || CASE WHEN place.root THEN ARRAY[:'trigger_used'] END
                                      || CASE WHEN :'partitioned' <> '' THEN ARRAY[:'trigger_used_row'] END
                                      || CASE WHEN :'both_promised' <> '' THEN ARRAY[:'trigger_insert_both'] END) AS n (name)
  LEFT JOIN pg_catalog.pg_trigger t ON t.tgrelid = place.oid AND t.tgname = n.name
 UNION ALL
SELECT f.there, pg_catalog.format(CASE WHEN f.there THEN 'function %s is there' ELSE 'function %s is missing' END, f.name)
  FROM (SELECT n.name, pg_catalog.to_regprocedure(n.name || '()') IS NOT NULL AS there
          FROM pg_catalog.unnest(ARRAY[:'sync', :'last', :'seen', :'filling']) AS n (name)) f
 UNION ALL
SELECT s.there, pg_catalog.format(CASE WHEN s.there THEN 'sequence %s is there' ELSE 'sequence %s is missing' END, :'meter')
  FROM (SELECT pg_catalog.to_regclass(:'meter') IS NOT NULL AS there) s;
