-- How big the table $1 (an oid) is, with its partitions, for the safety report.  The
-- number of rows is the estimate of the last ANALYZE or VACUUM; NULL: there was none.
WITH RECURSIVE tree (oid, kind) AS (
    SELECT c.oid, c.relkind FROM pg_catalog.pg_class c WHERE c.oid = $1::pg_catalog.oid
    UNION
    SELECT c.oid, c.relkind
      FROM tree
      JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid
      JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
     WHERE tree.kind = 'p'
)
SELECT (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         WHERE c.oid = $1::pg_catalog.oid) AS relation,
       pg_catalog.sum(CASE WHEN c.reltuples >= 0 AND NOT (c.reltuples = 0 AND c.relpages = 0)
                           THEN c.reltuples END)::pg_catalog.int8 AS rows,
       pg_catalog.sum(pg_catalog.pg_table_size(c.oid))::pg_catalog.int8 AS table_bytes,
       pg_catalog.sum(pg_catalog.pg_indexes_size(c.oid))::pg_catalog.int8 AS index_bytes
  FROM tree
  JOIN pg_catalog.pg_class c ON c.oid = tree.oid
 WHERE c.relkind <> 'p'
HAVING pg_catalog.count(*) > 0;
