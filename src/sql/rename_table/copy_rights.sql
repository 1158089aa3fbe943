-- The view gives to everybody what the table gives, column by column, and nothing that
-- default privileges of the schema have added.  Looked up when it runs, so that what was
-- granted since the start counts.  TRUNCATE, REFERENCES and TRIGGER mean nothing here.
DECLARE
    item record;
BEGIN
    -- Default privileges may have left out the owner, who has all that counts on the table.
    EXECUTE pg_catalog.format('GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE %s TO %I', :'view',
                              (SELECT r.rolname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_roles r ON r.oid = c.relowner WHERE c.oid = :relid));
    FOR item IN
        SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END AS grantee
          FROM pg_catalog.pg_class c
         CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a
          LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
         WHERE c.oid = :'view'::pg_catalog.regclass AND a.grantee <> c.relowner
    LOOP
        EXECUTE 'REVOKE ALL ON TABLE ' || :'view' || ' FROM ' || item.grantee;
    END LOOP;
    FOR item IN
        SELECT pg_catalog.string_agg(g.privilege, ', ') AS privileges, g.grantee, g.grantable
          FROM (SELECT a.privilege_type AS privilege, a.grantee AS id, pg_catalog.bool_or(a.is_grantable) AS grantable
                  FROM pg_catalog.pg_class c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a
                 WHERE c.oid = :relid AND a.grantee <> c.relowner
                 GROUP BY a.privilege_type, a.grantee
                 UNION ALL
                SELECT pg_catalog.format('%s (%I)', a.privilege_type, t.attname), a.grantee, pg_catalog.bool_or(a.is_grantable)
                  FROM pg_catalog.pg_attribute t CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) a
                  JOIN pg_catalog.pg_class c ON c.oid = t.attrelid
                 WHERE t.attrelid = :relid AND t.attnum > 0 AND NOT t.attisdropped AND a.grantee <> c.relowner
                 GROUP BY a.privilege_type, t.attname, a.grantee) AS p
         CROSS JOIN LATERAL (
               SELECT p.privilege, p.grantable,
                      CASE p.id WHEN 0 THEN 'PUBLIC'
                      ELSE (SELECT pg_catalog.quote_ident(r.rolname) FROM pg_catalog.pg_roles r WHERE r.oid = p.id) END AS grantee) g
         WHERE g.privilege ~ '^(SELECT|INSERT|UPDATE|DELETE)'
         GROUP BY g.grantee, g.grantable
    LOOP
        EXECUTE 'GRANT ' || item.privileges || ' ON TABLE ' || :'view' || ' TO ' || item.grantee
             || CASE WHEN item.grantable THEN ' WITH GRANT OPTION' ELSE '' END;
    END LOOP;
END
