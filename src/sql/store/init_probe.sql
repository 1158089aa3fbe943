-- What is there already, before anything is made: a schema that an administrator made
-- for us is welcome, one that is in use by something else is not.  Who owns the schema can drop
-- what is in it and make it anew, and who may create in it can put a function in the way: who
-- calls it may be a superuser.
SELECT n.oid IS NOT NULL AS has_schema,
       COALESCE(CASE WHEN me.rolsuper THEN r.rolsuper ELSE pg_catalog.pg_has_role(n.nspowner, 'USAGE') END, false) AS ours,
       EXISTS (SELECT FROM pg_catalog.pg_depend d
                WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = n.oid
                  AND d.classid::pg_catalog.regclass::text IN ('pg_class', 'pg_proc', 'pg_type', 'pg_operator')) AS in_use,
       EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'meta') AS has_meta,
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS may_create,
       r.rolname AS owner,
       (SELECT pg_catalog.string_agg(DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END, ', ')
          FROM pg_catalog.aclexplode(n.nspacl) a
         WHERE a.privilege_type = 'CREATE' AND a.grantee NOT IN (n.nspowner, me.oid)) AS creators
  FROM pg_catalog.pg_roles me
  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'orchestrate'
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = n.nspowner
 WHERE me.rolname = session_user;
