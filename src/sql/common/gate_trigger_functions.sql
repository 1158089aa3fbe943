-- trigger_functions: a trigger of the table that uses NEW or OLD by the old name, or
-- gets it as an argument, makes every write fail once that name is gone.
WITH RECURSIVE tree AS (
    SELECT :relid::pg_catalog.oid AS relid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
), suspect AS (
    SELECT pg_catalog.format('trigger %I (%s)', t.tgname, t.tgfoid::pg_catalog.regprocedure) AS what
      FROM tree
      JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.relid
      JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
     WHERE t.tgparentid = 0 AND NOT t.tgisinternal AND t.tgname !~ :'our_triggers'
       AND (p.prosrc ~ :'old_field'
            OR pg_catalog.position('\x00'::pg_catalog.bytea || t.tgargs,
                                   '\x00'::pg_catalog.bytea || pg_catalog.convert_to(:'old', pg_catalog.getdatabaseencoding()) || '\x00'::pg_catalog.bytea) > 0)
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN pg_catalog.format('no trigger of %s names %I', :'rel', :'old')
            ELSE pg_catalog.format('every write to %s would fail: %s still name column %I; %s', :'rel',
                                   pg_catalog.string_agg(what, ', ' ORDER BY what), :'old', :'instead') END AS reason,
       pg_catalog.jsonb_build_object('triggers', coalesce(pg_catalog.jsonb_agg(what ORDER BY what), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM suspect;
