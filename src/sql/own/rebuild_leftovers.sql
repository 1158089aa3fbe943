-- What a REINDEX CONCURRENTLY that was killed has left behind on the table, each with the
-- statement that takes it away.
SELECT pg_catalog.format('DROP INDEX CONCURRENTLY %I.%I', n.nspname, c.relname) AS sql
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'
   AND i.indrelid IN (SELECT pg_catalog.to_regclass(:'target')::pg_catalog.oid
                       UNION ALL
                      SELECT x.indrelid FROM pg_catalog.pg_index x
                       WHERE x.indexrelid = pg_catalog.to_regclass(:'target')::pg_catalog.oid);
