-- Going back: all that was built for partitions and is not part of the whole (yet).
WITH RECURSIVE tree AS (
    SELECT i.inhrelid AS relid FROM pg_catalog.pg_inherits i WHERE i.inhparent = :item_relid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
)
SELECT pg_catalog.format('DROP INDEX CONCURRENTLY %I.%I', n.nspname, c.relname) AS sql, NULL::text AS relation
  FROM tree
  JOIN pg_catalog.pg_index i ON i.indrelid = tree.relid
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relname ~ pg_catalog.format('^%s_%s(__e[0-9]+)?$', :'item_name', tree.relid)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid);
