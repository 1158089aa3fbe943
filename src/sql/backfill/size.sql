-- How large is the table $1 (a qualified name): pages to sweep, rows expected.
-- A table that was never analyzed has reltuples -1 (0 before 14).
SELECT c.oid AS relid,
       pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::pg_catalog.int8 AS pages,
       greatest(c.reltuples, 0)::pg_catalog.int8 AS rows,
       (pg_catalog.current_setting('block_size')::pg_catalog.int4 - 24) / 28 AS tuples_per_page
  FROM pg_catalog.pg_class c
 WHERE c.oid = pg_catalog.to_regclass($1);
