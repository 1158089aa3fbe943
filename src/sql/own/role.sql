-- Whether there is such a role, and whether we may act as it.  $1 its name.
SELECT r.rolname IS NOT NULL AS known,
       coalesce(pg_catalog.pg_has_role(session_user, r.oid,
                CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 160000 THEN 'SET' ELSE 'MEMBER' END), false) AS may
  FROM (VALUES ($1::text)) AS w (name)
  LEFT JOIN pg_catalog.pg_roles r ON r.rolname = w.name;
