-- What somebody has changed in the table, or in who may what, since the view was made, and
-- the view does not show: the next phase makes it anew.
WITH col AS (
    SELECT a.attrelid = :relid AS of_table, a.attname::text AS name,
           CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END AS value
      FROM pg_catalog.pg_attribute a
      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid IN (:relid, pg_catalog.to_regclass(:'view')) AND a.attnum > 0 AND NOT a.attisdropped
), differing AS (
    SELECT coalesce(t.name, v.name) AS name
      FROM (SELECT * FROM col WHERE of_table) AS t
      FULL JOIN (SELECT * FROM col WHERE NOT of_table) AS v ON v.name = t.name
     WHERE t.name IS NULL OR v.name IS NULL OR t.value IS DISTINCT FROM v.value
), rights AS (
    SELECT r.of_table, r.column_name, r.privilege_type, CASE r.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(r.grantee)) END AS grantee
      FROM (SELECT c.oid = :relid AS of_table, '' AS column_name, a.privilege_type, a.grantee, c.relowner
              FROM pg_catalog.pg_class c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a
             WHERE c.oid IN (:relid, pg_catalog.to_regclass(:'view'))
             UNION
            SELECT c.oid = :relid, t.attname, a.privilege_type, a.grantee, c.relowner
              FROM pg_catalog.pg_class c
              JOIN pg_catalog.pg_attribute t ON t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped
             CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) a
             WHERE c.oid IN (:relid, pg_catalog.to_regclass(:'view'))) AS r
     WHERE r.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE') AND r.grantee <> r.relowner
), differing_rights AS (
    SELECT coalesce(t.grantee, v.grantee) AS grantee
      FROM (SELECT * FROM rights WHERE of_table) AS t
      FULL JOIN (SELECT * FROM rights WHERE NOT of_table) AS v
        ON v.grantee = t.grantee AND v.privilege_type = t.privilege_type AND v.column_name = t.column_name
     WHERE t.grantee IS NULL OR v.grantee IS NULL
), problem AS (
    SELECT pg_catalog.format('the view %s was made before these columns of %s, or their defaults, were changed: %s', :'view', :'at',
                             pg_catalog.string_agg(pg_catalog.quote_ident(d.name), ', ' ORDER BY d.name)) AS text
      FROM differing d HAVING pg_catalog.count(*) > 0
     UNION ALL
    SELECT pg_catalog.format('%s has row level security now, and the view %s shows everybody the rows that its owner may see; DISABLE it until the view is gone%s', :'at', :'view',
                             CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 150000
                                  THEN pg_catalog.format(', or ALTER VIEW %s SET (security_invoker = true), which denies it to who may read only some of its columns', :'view') ELSE '' END)
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_class v ON v.oid = pg_catalog.to_regclass(:'view')
     WHERE c.oid = :relid AND c.relrowsecurity AND NOT coalesce('security_invoker=true' = ANY (v.reloptions), false)
     UNION ALL
    SELECT pg_catalog.format('what may be done by %s and by the view %s is not the same for %s; GRANT and REVOKE it by both names', :'at', :'view',
                             pg_catalog.string_agg(DISTINCT d.grantee, ', '))
      FROM differing_rights d HAVING pg_catalog.count(*) > 0
)
SELECT false AS ok, problem.text FROM problem
 UNION ALL
SELECT true, pg_catalog.format('view %s has the columns of %s, with their defaults', :'view', :'at') WHERE NOT EXISTS (SELECT FROM problem);
