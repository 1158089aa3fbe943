-- function_bodies: functions whose text names both the table and the old column, and
-- trigger functions of the table that name the column.  Text is all there is to go
-- by, so this may be overridden.
WITH RECURSIVE tree AS (
    SELECT :relid::pg_catalog.oid AS relid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
), suspect AS (
    SELECT DISTINCT p.oid::pg_catalog.regprocedure::text AS what
      FROM pg_catalog.pg_proc p
      JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      JOIN pg_catalog.pg_language l ON l.oid = p.prolang
     WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'orchestrate')
       AND l.lanname NOT IN ('internal', 'c')
       AND p.proname !~ '^_orch_[0-9]+_' -- of another change of the plan, or of another plan
       AND p.prosrc ~ :'old_word'
       AND (p.prosrc ~ :'table_word'
            OR EXISTS (SELECT FROM tree JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.relid WHERE t.tgfoid = p.oid AND t.tgname !~ :'our_triggers'))
       AND p.oid NOT IN (SELECT t.tgfoid FROM pg_catalog.pg_trigger t WHERE t.tgrelid = :relid AND t.tgname ~ :'our_triggers')
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                        WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e')
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN pg_catalog.format('no function names %s and %I', :'rel', :'old')
            ELSE pg_catalog.format('functions whose text still names %I of %s, and would fail: %s', :'old', :'rel', pg_catalog.string_agg(what, ', ' ORDER BY what)) END AS reason,
       pg_catalog.jsonb_build_object('functions', coalesce(pg_catalog.jsonb_agg(what ORDER BY what), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM suspect;
