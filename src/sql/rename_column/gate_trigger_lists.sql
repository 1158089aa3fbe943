-- trigger_lists, before verify: a trigger on UPDATE OF the old name that was made after
-- start would not fire for new code.
WITH RECURSIVE tree AS (
    SELECT :relid::pg_catalog.oid AS relid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
), deaf AS (
    SELECT pg_catalog.format('%I (%s)', t.tgname, t.tgfoid::pg_catalog.regprocedure) AS what
      FROM tree
      JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.relid
      JOIN pg_catalog.pg_attribute o ON o.attrelid = t.tgrelid AND o.attname = :'from' AND o.attnum = ANY (t.tgattr::pg_catalog.int2[])
     WHERE t.tgparentid = 0 AND NOT t.tgisinternal AND t.tgname !~ :'our_triggers'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                        WHERE a.attrelid = t.tgrelid AND a.attname = :'to' AND a.attnum = ANY (t.tgattr::pg_catalog.int2[]))
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN 'every trigger that looks at the old name looks at the new one'
            ELSE pg_catalog.format('triggers on UPDATE OF %I would not fire when %I is written: %s; make them anew on UPDATE OF %I, %I',
                                   :'from', :'to', pg_catalog.string_agg(what, ', ' ORDER BY what), :'from', :'to') END AS reason,
       pg_catalog.jsonb_build_object('triggers', coalesce(pg_catalog.jsonb_agg(what ORDER BY what), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM deaf;
