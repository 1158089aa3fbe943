-- dependents: what somebody else has put on the twin would stay on it: an index, a
-- view, a foreign key of new code.  It belongs on the original.
WITH RECURSIVE tree AS (
    SELECT :relid::pg_catalog.oid AS relid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
), root AS (
    SELECT a.attname
      FROM pg_catalog.pg_attribute a
     WHERE a.attrelid = :relid AND a.attname IN (:'from', :'to', :'tombstone') AND a.attnum <> :attnum AND NOT a.attisdropped
     ORDER BY a.attname = :'tombstone' DESC
     LIMIT 1
), twin AS (
    SELECT a.attrelid, a.attnum
      FROM tree
      CROSS JOIN root
      JOIN pg_catalog.pg_attribute a ON a.attrelid = tree.relid AND a.attname = root.attname
), helper AS ( -- our indexes, and what the server made of them on partitions
    SELECT c.oid
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid JOIN tree ON tree.relid = i.indrelid
     WHERE c.relname ~ :'our_indexes'
    UNION
    SELECT i.inhrelid FROM helper JOIN pg_catalog.pg_inherits i ON i.inhparent = helper.oid
), dependent AS (
    SELECT DISTINCT coalesce((SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, w.ev_class, 0)
                                FROM pg_catalog.pg_rewrite w
                               WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid AND w.rulename = '_RETURN'),
                             pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)) AS what
      FROM pg_catalog.pg_depend d, twin
     WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = twin.attrelid AND d.refobjsubid = twin.attnum
       AND d.classid <> 'pg_catalog.pg_attrdef'::pg_catalog.regclass
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c
                        WHERE d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND c.oid = d.objid
                          AND c.conrelid = twin.attrelid AND c.conname IN (:'equal', :'wait'))
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t
                        WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND t.oid = d.objid
                          AND (t.tgname ~ :'our_triggers' OR EXISTS (
                               SELECT FROM pg_catalog.pg_attribute o
                                WHERE o.attrelid = t.tgrelid AND o.attname IN (:'from', :'to') AND o.attnum <> twin.attnum
                                  AND o.attnum = ANY (t.tgattr::pg_catalog.int2[]))))
       AND NOT EXISTS (SELECT FROM helper
                        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND helper.oid = d.objid)
     UNION ALL
    SELECT pg_catalog.format('default value of column %I', a.attname)
      FROM pg_catalog.pg_attrdef d, pg_catalog.pg_attribute a, twin
     WHERE twin.attrelid = :relid AND d.adrelid = :relid AND d.adnum = twin.attnum AND a.attrelid = d.adrelid AND a.attnum = d.adnum
       AND pg_catalog.md5(pg_catalog.pg_get_expr(d.adbin, d.adrelid)) <> :'default_md5'
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN 'nothing of others hangs on the helper column'
            ELSE pg_catalog.format('on the helper column of %s hang things that are not ours: %s; drop them, and make them again on %I once it is the original',
                                   :'rel', pg_catalog.string_agg(what, ', ' ORDER BY what), :'to') END AS reason,
       pg_catalog.jsonb_build_object('dependents', coalesce(pg_catalog.jsonb_agg(what ORDER BY what), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM dependent;
