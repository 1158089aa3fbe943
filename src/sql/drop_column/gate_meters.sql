-- meters: they were on, or nobody would know who still writes the column.
WITH tree AS (
    SELECT :relid::pg_catalog.oid AS relid
     UNION
    SELECT t.relid FROM pg_catalog.pg_partition_tree(:relid) t
), problem AS (
    SELECT t.oid IS NULL AS missing,
           pg_catalog.format('trigger %I of %I.%I is %s', meter.name, n.nspname, c.relname,
                             CASE WHEN t.oid IS NULL THEN 'missing' WHEN t.tgenabled = 'D' THEN 'switched off' ELSE 'not ENABLE ALWAYS' END) AS text
      FROM tree
      JOIN pg_catalog.pg_class c ON c.oid = tree.relid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     CROSS JOIN pg_catalog.unnest(ARRAY[:'trigger_seen', :'trigger_used']) AS meter (name)
      LEFT JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid AND t.tgname = meter.name
     WHERE t.tgenabled IS DISTINCT FROM 'A'
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN pg_catalog.format('who writes column %I of %s is counted', :'column', :'rel')
            ELSE pg_catalog.format('who writes column %I of %s is not counted: %s; %s, and give old code the time to write once more', :'column', :'rel', pg_catalog.string_agg(text, ', ' ORDER BY text),
                                   CASE WHEN pg_catalog.bool_or(missing) THEN 'roll expand back and advance again'
                                        ELSE pg_catalog.format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER %I', :'rel', :'trigger_seen', :'trigger_used') END) END AS reason,
       pg_catalog.jsonb_build_object('meters', coalesce(pg_catalog.jsonb_agg(text ORDER BY text), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM problem;
