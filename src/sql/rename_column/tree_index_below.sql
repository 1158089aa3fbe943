-- Partitions that are partitioned themselves, from above downwards.
DECLARE
    t record;
BEGIN
    FOR t IN
        WITH RECURSIVE tree AS (
            SELECT i.inhrelid AS relid, i.inhparent AS parent, 1 AS level
              FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relkind = 'p'
             WHERE i.inhparent = :item_relid
            UNION ALL
            SELECT i.inhrelid, i.inhparent, tree.level + 1
              FROM tree
              JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
              JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relkind = 'p'
        )
        SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel, n.nspname AS schema,
               pg_catalog.format('%s_%s', :'item_name', tree.relid) AS name,
               CASE WHEN tree.level = 1 THEN pg_catalog.format('%I.%I', :'item_schema', :'item_name')
                    ELSE pg_catalog.format('%I.%I', pn.nspname, pg_catalog.format('%s_%s', :'item_name', tree.parent)) END AS above
          FROM tree
          JOIN pg_catalog.pg_class c ON c.oid = tree.relid
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_catalog.pg_class p ON p.oid = tree.parent
          JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
         ORDER BY tree.level, tree.relid
    LOOP
        EXECUTE pg_catalog.format('%s %I ON ONLY %s%s', :'item_verb', t.name, t.rel, :'item_tail');
        EXECUTE pg_catalog.format('ALTER INDEX %s ATTACH PARTITION %I.%I', t.above, t.schema, t.name);
    END LOOP;
END
