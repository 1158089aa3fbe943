-- What must be known of a table before its rename can be written down.  $1 its oid, $2
-- the run, $3 the name it shall have.  It is asked again when a run is adopted after a
-- restore: then the table may bear the new name already, and a view of ours the old one.
WITH tab AS (
    SELECT c.oid, n.nspname AS schema, c.relowner, c.relkind, c.relnamespace, c.relrowsecurity, $2::text AS run,
           CASE WHEN c.relname <> $3::text THEN c.relname::text
                ELSE (SELECT v.relname::text
                        FROM pg_catalog.pg_depend d
                        JOIN pg_catalog.pg_rewrite w ON w.oid = d.objid AND w.rulename = '_RETURN'
                        JOIN pg_catalog.pg_class v ON v.oid = w.ev_class AND v.relkind = 'v' AND v.relnamespace = c.relnamespace
                       WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
                         AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = c.oid
                         AND pg_catalog.obj_description(v.oid, 'pg_class') LIKE 'orchestrate plan %'
                       ORDER BY v.relowner = c.relowner DESC, v.relname LIMIT 1) END AS old_name -- anybody can write such a comment
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = $1::pg_catalog.oid
), word AS ( -- for looking into functions, where unquoted names know no case
    SELECT CASE WHEN tab.old_name = pg_catalog.lower(tab.old_name) THEN '(?i)' ELSE '' END || '(^|[^[:alnum:]_$])'
             -- ORDER BY names no table: words of SQL itself are names in quotes and behind a dot.
             || pg_catalog.replace(CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_get_keywords() k WHERE k.word = pg_catalog.lower(tab.old_name) AND k.catcode IN ('R', 'T'))
                                        THEN '(?:["'']@["'']|(?<=\.\s*)@)' ELSE '"?@"?' END,
                                   '@', pg_catalog.regexp_replace(pg_catalog.replace(tab.old_name, '"', '""'), '([].*+?(){}|^$\\[])', '\\\1', 'g')) || '($|[^[:alnum:]_$])' AS pattern
      FROM tab
), known (what) AS ( -- what findings.sql has been asked about, see gate_since_start.sql; by their oids
    SELECT 'publication ' || p.oid
      FROM tab, pg_catalog.pg_publication p
     WHERE p.puballtables
        OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel pr
                    WHERE pr.prpubid = p.oid
                      AND (pr.prrelid = tab.oid OR pr.prrelid IN (SELECT a.relid FROM pg_catalog.pg_partition_ancestors(tab.oid) AS a (relid))))
        OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                     JOIN pg_catalog.pg_class k ON k.oid = d.classid AND k.relname = 'pg_publication_namespace' AND k.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
                    WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = tab.relnamespace
                      AND EXISTS (SELECT FROM pg_catalog.pg_depend o
                                   WHERE o.classid = d.classid AND o.objid = d.objid AND o.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass AND o.refobjid = p.oid))
     UNION ALL
    SELECT 'subscription' FROM tab WHERE EXISTS (SELECT FROM pg_catalog.pg_subscription_rel s WHERE s.srrelid = tab.oid)
     UNION ALL
    SELECT 'child ' || i.inhrelid FROM tab JOIN pg_catalog.pg_inherits i ON i.inhparent = tab.oid WHERE tab.relkind = 'r'
     UNION ALL
    SELECT DISTINCT 'reader ' || CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.name) END
      FROM tab
      JOIN pg_catalog.pg_attribute t ON t.attrelid = tab.oid AND t.attnum > 0 AND NOT t.attisdropped
     CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) a
     CROSS JOIN LATERAL (SELECT CASE a.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(a.grantee) END) AS r (name)
     WHERE a.privilege_type = 'SELECT' AND a.grantee <> tab.relowner
       AND EXISTS (SELECT FROM pg_catalog.pg_attribute o
                    WHERE o.attrelid = tab.oid AND o.attnum > 0 AND NOT o.attisdropped
                      AND NOT pg_catalog.has_column_privilege(r.name, tab.oid, o.attnum, 'SELECT'))
       AND (tab.relrowsecurity
            OR EXISTS (SELECT FROM pg_catalog.pg_partition_tree(tab.oid) p JOIN pg_catalog.pg_class f ON f.oid = p.relid AND f.relkind = 'f'))
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
       ('known', (SELECT coalesce(pg_catalog.jsonb_agg(known.what ORDER BY known.what), '[]')::text FROM known)),
       ('table_word', (SELECT word.pattern FROM word))
     ) AS f (name, value)
 WHERE tab.old_name IS NOT NULL;
