-- Partitions first, one at a time: each has its own short transaction, and once all are
-- validated so is the parent, without looking at a row.
WITH RECURSIVE tree AS (
    SELECT i.inhrelid AS relid FROM pg_catalog.pg_inherits i WHERE i.inhparent = :relid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
)
SELECT pg_catalog.format('ALTER TABLE %I.%I VALIDATE CONSTRAINT %I', n.nspname, c.relname, k.conname) AS sql, NULL::text AS relation
  FROM tree
  JOIN pg_catalog.pg_class c ON c.oid = tree.relid AND c.relkind = 'r'
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.conname = :'equal' AND NOT k.convalidated
 ORDER BY c.oid
 LIMIT 1;
