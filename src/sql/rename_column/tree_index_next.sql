-- What is to be done next for a helper index of a partitioned table: attach what is
-- ready (its lock is a short one), else build what is missing.  Whatever the server has
-- done itself, for a partition that is new, is not missing.
WITH RECURSIVE tree AS (
    SELECT i.inhrelid AS relid, i.inhparent AS parent FROM pg_catalog.pg_inherits i WHERE i.inhparent = :item_relid
    UNION
    SELECT i.inhrelid, i.inhparent FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
), helper AS (
    SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = :'item_schema' AND c.relname = :'item_name'
    UNION
    SELECT i.inhrelid FROM helper JOIN pg_catalog.pg_inherits i ON i.inhparent = helper.oid
), missing AS (
    SELECT c.oid, n.nspname, tree.parent, pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel,
           pg_catalog.format('%s_%s', :'item_name', c.oid) AS name,
           (SELECT pg_catalog.format('%I', ic.relname)
              FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
             WHERE i.indrelid = c.oid AND i.indisvalid
               AND ic.relname ~ pg_catalog.format('^%s_%s(__e[0-9]+)?$', :'item_name', c.oid)
             ORDER BY ic.oid LIMIT 1) AS ready
      FROM tree
      JOIN pg_catalog.pg_class c ON c.oid = tree.relid AND c.relkind = 'r'
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT EXISTS (SELECT FROM helper JOIN pg_catalog.pg_index i ON i.indexrelid = helper.oid WHERE i.indrelid = c.oid)
)
SELECT CASE WHEN m.ready IS NULL
            THEN pg_catalog.format('%s CONCURRENTLY %I ON %s%s', :'item_verb', m.name || '{attempt}', m.rel, :'item_tail')
            ELSE pg_catalog.concat(
                 CASE WHEN m.ready <> pg_catalog.quote_ident(m.name)
                      THEN pg_catalog.format(E'ALTER INDEX %I.%s RENAME TO %I;\n', m.nspname, m.ready, m.name) END,
                 pg_catalog.format(E'COMMENT ON INDEX %I.%I IS %L;\n', m.nspname, m.name, :'comment'),
                 pg_catalog.format('ALTER INDEX %I.%I ATTACH PARTITION %I.%I;', pn.nspname, pc.relname, m.nspname, m.name)) END AS sql,
       CASE WHEN m.ready IS NOT NULL THEN m.rel END AS relation
  FROM missing m
  JOIN pg_catalog.pg_index pi ON pi.indrelid = m.parent
  JOIN helper ON helper.oid = pi.indexrelid
  JOIN pg_catalog.pg_class pc ON pc.oid = helper.oid
  JOIN pg_catalog.pg_namespace pn ON pn.oid = pc.relnamespace
 ORDER BY m.ready IS NULL, m.oid
 LIMIT 1;
