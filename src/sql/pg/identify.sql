-- What we need to know of the other side, before the session is pinned: the
-- search_path that unqualified table names in plans are looked up in, whether
-- this is a primary, whether the backend is really ours (a transaction pooler
-- hands out cancel keys of its own, so PQbackendPID differs).
SELECT pg_catalog.pg_backend_pid() AS pid,
       pg_catalog.current_setting('search_path') AS search_path,
       pg_catalog.current_setting('server_version_num') AS version,
       pg_catalog.current_setting('transaction_read_only') AS read_only,
       pg_catalog.pg_is_in_recovery() AS in_recovery,
       pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
       AND pg_catalog.has_function_privilege('pg_catalog.pg_walfile_name(pg_lsn)', 'EXECUTE')
       AND pg_catalog.has_function_privilege('pg_catalog.pg_current_wal_lsn()', 'EXECUTE') AS may_ask_system,
       session_user AS role,
       pg_catalog.current_database() AS database,
       (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user) AS superuser;
