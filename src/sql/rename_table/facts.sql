-- What must be known of a table before its rename can be written down.  $1 its oid, $2
-- the run, $3 the name it shall have.  It is asked again when a run is adopted after a
-- restore: then the table may bear the new name already, and a view of ours the old one.
WITH tab AS (
    SELECT c.oid, n.nspname AS schema, c.relowner, $2::text AS run,
           CASE WHEN c.relname <> $3::text THEN c.relname::text
                ELSE (SELECT v.relname::text
                        FROM pg_catalog.pg_depend d
                        JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid AND w.rulename = '_RETURN'
                        JOIN pg_catalog.pg_class v ON v.oid = w.ev_class AND v.relkind = 'v' AND v.relnamespace = c.relnamespace
                       WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
                         AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = c.oid
                         AND pg_catalog.obj_description(v.oid, 'pg_class') LIKE 'orchestrate plan %'
                       ORDER BY v.relname LIMIT 1) END AS old_name
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = $1::pg_catalog.oid
), word AS ( -- for looking into functions, where unquoted names know no case
    SELECT CASE WHEN tab.old_name = pg_catalog.lower(tab.old_name) THEN '(?i)' ELSE '' END || '(^|[^[:alnum:]_$])"?'
             || pg_catalog.regexp_replace(pg_catalog.replace(tab.old_name, '"', '""'), '([].*+?(){}|^$\\[])', '\\\1', 'g')
             || '"?($|[^[:alnum:]_$])' AS pattern
      FROM tab
)
SELECT f.name, 0 AS item, f.value
  FROM tab
 CROSS JOIN LATERAL (VALUES
       ('rel', pg_catalog.format('%I.%I', tab.schema, tab.old_name)),
       ('later', pg_catalog.format('%I.%I', tab.schema, $3::text)),
       ('made', pg_catalog.format('%I.%I', tab.schema, '_orch_' || tab.run || '_view')), -- a view before it has its name
       ('schema', tab.schema::text),
       ('table', tab.old_name),
       ('relid', tab.oid::text),
       ('owner', (SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE r.oid = tab.relowner)),
       -- Since 15 a view can look at the rights of who uses it; before, it looks at its owner's.
       ('invoker', CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 150000
                        THEN ' WITH (security_invoker = true)' ELSE '' END),
       ('table_word', (SELECT word.pattern FROM word))
     ) AS f (name, value)
 WHERE tab.old_name IS NOT NULL;
