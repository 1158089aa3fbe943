-- The way back: what bears the name is looked at, then it is dropped, if it is ours.  Killed
-- halfway, that leaves an index that is not valid, and is repeated.
SELECT CASE WHEN pg_catalog.current_setting('orchestrate.our_index', true) = i.indexrelid::text
            THEN pg_catalog.format('DROP INDEX CONCURRENTLY %I.%I', :'schema', :'name')
            ELSE 'DO ' || pg_catalog.quote_literal(:'check') END AS sql, NULL AS relation
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
 WHERE i.indrelid = :relid AND c.relname = :'name';
