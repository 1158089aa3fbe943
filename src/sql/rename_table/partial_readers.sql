-- Roles that may read some columns of the table, but not all: a view with
-- security_invoker, which is made of all of them, would deny them everything.
SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.name) END AS name
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_attribute t ON t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped
 CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) a
 CROSS JOIN LATERAL (SELECT CASE a.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(a.grantee) END) AS r (name)
 WHERE c.oid = :relid AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner
   AND EXISTS (SELECT FROM pg_catalog.pg_attribute o
                WHERE o.attrelid = c.oid AND o.attnum > 0 AND NOT o.attisdropped
                  AND NOT pg_catalog.has_column_privilege(r.name, c.oid, o.attnum, 'SELECT'))
