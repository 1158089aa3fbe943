-- What attempts that were killed have left behind, each with the statement that takes it
-- away.
SELECT pg_catalog.format('DROP INDEX CONCURRENTLY %I.%I', :'schema', c.relname) AS sql
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
 WHERE i.indrelid = :relid AND c.relname ~ :'ours';
