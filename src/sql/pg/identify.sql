-- What we need to know of the other side, before the session is pinned: the
-- search_path that unqualified table names in plans are looked up in ("$user" is the role
-- that connects, also where it acts as another one later), whether
-- this is a primary, whether the backend is really ours (a transaction pooler
-- hands out cancel keys of its own, so PQbackendPID differs).
--
-- The path is still that of the role or the database, on which a schema of somebody may
-- stand before pg_catalog: operators and types are looked up there, too.
SELECT pg_catalog.pg_backend_pid() AS pid,
       (SELECT coalesce(pg_catalog.string_agg(CASE WHEN pg_catalog.btrim(p.item) OPERATOR(pg_catalog.=) ANY ('{"\"$user\"",$user}'::pg_catalog.text[]) THEN pg_catalog.quote_ident(session_user::pg_catalog.text)
                                          ELSE pg_catalog.btrim(p.item) END, ', ' ORDER BY p.ord), '')
          FROM pg_catalog.unnest(pg_catalog.string_to_array(pg_catalog.current_setting('search_path'), ',')) WITH ORDINALITY AS p (item, ord)) AS search_path,
       pg_catalog.current_setting('server_version_num') AS version,
       pg_catalog.current_setting('transaction_read_only') AS read_only,
       pg_catalog.pg_is_in_recovery() AS in_recovery,
       pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
       AND pg_catalog.has_function_privilege('pg_catalog.pg_walfile_name(pg_catalog.pg_lsn)', 'EXECUTE')
       AND pg_catalog.has_function_privilege('pg_catalog.pg_current_wal_lsn()', 'EXECUTE') AS may_ask_system,
       session_user AS role,
       pg_catalog.current_database() AS database,
       (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname OPERATOR(pg_catalog.=) session_user) AS superuser;
