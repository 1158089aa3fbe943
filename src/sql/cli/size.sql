-- How big the table $1 (an oid) is, for the safety report.  The number of rows is
-- the estimate of the last ANALYZE or VACUUM; NULL: there was none.
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS relation,
       CASE WHEN c.reltuples >= 0 AND NOT (c.reltuples = 0 AND c.relpages = 0)
            THEN c.reltuples::pg_catalog.int8 END AS rows,
       pg_catalog.pg_table_size(c.oid) AS table_bytes,
       pg_catalog.pg_indexes_size(c.oid) AS index_bytes
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = $1::pg_catalog.oid;
