-- What is there already, before anything is made: a schema that an administrator made
-- for us is welcome, one that is in use by something else is not.
SELECT n.oid IS NOT NULL AS has_schema,
       COALESCE(pg_catalog.pg_has_role(n.nspowner, 'USAGE'), false) AS ours,
       EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid) AS in_use,
       EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relname = 'meta') AS has_meta,
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS may_create,
       (SELECT r.rolname FROM pg_catalog.pg_roles r WHERE r.oid = n.nspowner) AS owner
  FROM (VALUES (true)) AS one (x)
  LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = 'orchestrate';
