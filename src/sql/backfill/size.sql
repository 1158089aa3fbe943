-- What there is to sweep of table $1 (a qualified name): the table itself and those that
-- inherit from it, or all the partitions that hold rows; how large each is, and how many rows are expected.
-- hung: other text when triggers come, go, or are turned on, foreign keys' among them.
-- A table that was never analyzed has reltuples -1 (0 before 14).
WITH RECURSIVE tree AS (
    SELECT c.oid, c.relkind FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1)
    UNION
    SELECT c.oid, c.relkind
      FROM tree
      JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid
      JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid
     WHERE tree.relkind IN ('p', 'r')
)
SELECT c.oid AS relid,
       pg_catalog.format('%I.%I', n.nspname, c.relname) AS relation,
       c.relkind = 'p' AS parent,
       c.relkind = 'f' AS foreign,
       CASE WHEN c.relkind = 'r' THEN pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::pg_catalog.int8
            ELSE 0 END AS pages,
       (SELECT pg_catalog.concat(pg_catalog.max(t.oid), pg_catalog.string_agg(t.tgenabled::text, '' ORDER BY t.oid)) FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid) AS hung,
       greatest(c.reltuples, 0)::pg_catalog.int8 AS rows,
       (pg_catalog.current_setting('block_size')::pg_catalog.int4 - 24) / 28 AS tuples_per_page
  FROM tree
  JOIN pg_catalog.pg_class c ON c.oid = tree.oid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 ORDER BY c.oid;
