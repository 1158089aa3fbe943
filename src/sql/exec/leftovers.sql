-- What a run has made and what is still there, with the statement that drops it, in an
-- order in which they work.  $1 the run, $2 the plan.  Things bear the run's number in
-- their name; a helper column may bear one of the user's, and a comment of ours.
-- What hangs on a trigger of the user is named without a statement.
WITH ours AS (
    SELECT '^_orch_' || $1::text || '_' AS name, '^[!~] ?orchestrate_' || $1::text || '(_[0-9a-z_]+)?$' AS trigger,
           'orchestrate plan ' || $2::text AS comment
), functions AS (
    SELECT p.oid, p.oid::pg_catalog.regprocedure::text AS name
      FROM ours, pg_catalog.pg_proc p
     WHERE p.proname ~ ours.name
), found (ord, what, statement) AS (
    SELECT 1, pg_catalog.format('trigger %I of %s', t.tgname, t.tgrelid::pg_catalog.regclass),
           pg_catalog.format('DROP TRIGGER %I ON %s;', t.tgname, t.tgrelid::pg_catalog.regclass)
      FROM ours, pg_catalog.pg_trigger t
     WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgname ~ ours.trigger
     UNION ALL
    SELECT DISTINCT 2, pg_catalog.format('trigger %I of %s, which is not ours but calls %s: make it anew without',
                                t.tgname, t.tgrelid::pg_catalog.regclass, f.name), NULL
      FROM ours, pg_catalog.pg_trigger t, functions f, pg_catalog.pg_depend d
     WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgname !~ ours.trigger
       AND d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND d.objid = t.oid
       AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.refobjid = f.oid
     UNION ALL
    SELECT 3, pg_catalog.format('constraint %I of %s', c.conname, c.conrelid::pg_catalog.regclass),
           pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I;', c.conrelid::pg_catalog.regclass, c.conname)
      FROM ours, pg_catalog.pg_constraint c
     WHERE c.conrelid <> 0 AND c.conislocal AND c.coninhcount = 0 AND c.conname ~ ours.name
     UNION ALL
    SELECT 4, pg_catalog.format('index %s', c.oid::pg_catalog.regclass),
           pg_catalog.format('DROP INDEX CONCURRENTLY %s;', c.oid::pg_catalog.regclass)
      FROM ours, pg_catalog.pg_class c
     WHERE c.relkind = 'i' AND NOT c.relispartition AND c.relname ~ ours.name
     UNION ALL
    SELECT 4, pg_catalog.format('index %s', c.oid::pg_catalog.regclass),
           pg_catalog.format('DROP INDEX %s;', c.oid::pg_catalog.regclass)
      FROM ours, pg_catalog.pg_class c
     WHERE c.relkind = 'I' AND NOT c.relispartition AND c.relname ~ ours.name
     UNION ALL
    SELECT 5, pg_catalog.format('column %I of %s', a.attname, a.attrelid::pg_catalog.regclass),
           pg_catalog.format('ALTER TABLE %s DROP COLUMN %I;', a.attrelid::pg_catalog.regclass, a.attname)
      FROM ours, pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
     WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attinhcount = 0
       AND (a.attname ~ ours.name OR pg_catalog.col_description(a.attrelid, a.attnum) = ours.comment)
     UNION ALL
    SELECT 6, pg_catalog.format('view %s', c.oid::pg_catalog.regclass), pg_catalog.format('DROP VIEW %s;', c.oid::pg_catalog.regclass)
      FROM ours, pg_catalog.pg_class c
     WHERE c.relkind = 'v' AND pg_catalog.obj_description(c.oid, 'pg_class') = ours.comment
     UNION ALL
    SELECT 6, pg_catalog.format('function %s', f.name), pg_catalog.format('DROP FUNCTION %s;', f.name)
      FROM functions f
     UNION ALL
    SELECT 7, pg_catalog.format('sequence %s', c.oid::pg_catalog.regclass),
           pg_catalog.format('DROP SEQUENCE %s;', c.oid::pg_catalog.regclass)
      FROM ours, pg_catalog.pg_class c
     WHERE c.relkind = 'S' AND c.relname ~ ours.name
     UNION ALL
    SELECT 7, pg_catalog.format('relation %s', c.oid::pg_catalog.regclass), NULL
      FROM ours, pg_catalog.pg_class c
     WHERE c.relkind IN ('r', 'p', 'v') AND c.relname ~ ours.name
)
SELECT what, statement FROM found ORDER BY ord, what;
