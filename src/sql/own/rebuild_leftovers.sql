-- Half-built copies on the table of a REINDEX CONCURRENTLY, each with the statement that
-- takes it away.  Postgres names them, so the name does not tell whose they are: unnamed.
-- busy: another session is at work on it; REINDEX holds that lock from before the copy can
-- be seen until it is through.
SELECT pg_catalog.format('DROP INDEX CONCURRENTLY %I.%I', n.nspname, c.relname) AS sql,
       true AS unnamed,
       EXISTS (SELECT FROM pg_catalog.pg_locks l
                WHERE l.relation = c.oid AND l.pid <> pg_catalog.pg_backend_pid() AND l.mode <> 'AccessShareLock'
                  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())) AS busy
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'
   AND i.indrelid IN (SELECT pg_catalog.to_regclass(:'target')::pg_catalog.oid
                       UNION ALL
                      SELECT x.indrelid FROM pg_catalog.pg_index x
                       WHERE x.indexrelid = pg_catalog.to_regclass(:'target')::pg_catalog.oid);
