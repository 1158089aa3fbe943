-- An index that was being dropped when the attempt was cut short is not used any more, and
-- its table goes on paying for it: the statement that drops the rest.
SELECT pg_catalog.format('DROP INDEX CONCURRENTLY %s', i.indexrelid::pg_catalog.regclass) AS sql
  FROM pg_catalog.pg_index i
 WHERE i.indexrelid = pg_catalog.to_regclass(:'target')::pg_catalog.oid AND NOT i.indisvalid;
