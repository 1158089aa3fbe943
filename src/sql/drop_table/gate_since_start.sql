-- since_start: nothing has become of the table since the start that start would have
-- refused or asked about, or that the report had to name.
WITH tree AS (
    SELECT :relid::pg_catalog.oid AS relid
     UNION
    SELECT t.relid FROM pg_catalog.pg_partition_tree(:relid) t
), changed AS (
    SELECT pg_catalog.format('publication %I has it', p.pubname) AS what -- as in findings.sql
      FROM pg_catalog.pg_publication p
     WHERE p.oid <> ALL (:'known_publications'::pg_catalog.oid[])
       AND (p.puballtables
        OR EXISTS (SELECT FROM tree JOIN pg_catalog.pg_publication_rel r ON r.prrelid = tree.relid WHERE r.prpubid = p.oid)
        OR EXISTS (SELECT FROM tree
                     JOIN pg_catalog.pg_class c ON c.oid = tree.relid
                     JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = c.relnamespace
                     JOIN pg_catalog.pg_class k ON k.oid = d.classid AND k.relname = 'pg_publication_namespace' AND k.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
                     JOIN pg_catalog.pg_depend o ON o.classid = d.classid AND o.objid = d.objid
                      AND o.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass AND o.refobjid = p.oid))
     UNION ALL
    SELECT 'a subscription writes to it' -- whose name not everybody may read
     WHERE EXISTS (SELECT FROM tree JOIN pg_catalog.pg_subscription_rel r ON r.srrelid = tree.relid
                    WHERE r.srsubid <> ALL (:'known_subscriptions'::pg_catalog.oid[]))
     UNION ALL
    SELECT pg_catalog.format('%s is a partition of it, and would go with it', tree.relid::pg_catalog.regclass)
      FROM tree
     WHERE tree.relid <> ALL (:'known_members'::pg_catalog.oid[])
     UNION ALL
    SELECT pg_catalog.format('it is a part of %s', i.inhparent::pg_catalog.regclass)
      FROM pg_catalog.pg_inherits i
     WHERE i.inhrelid = :relid
     UNION ALL
    SELECT pg_catalog.format('its foreign key %I locks %s, which the report did not name', k.conname, k.confrelid::pg_catalog.regclass)
      FROM tree
      JOIN pg_catalog.pg_constraint k ON k.conrelid = tree.relid AND k.contype = 'f' AND k.conparentid = 0
     WHERE k.confrelid NOT IN (SELECT tree.relid FROM tree)
       AND NOT ARRAY[k.oid::text, pg_catalog.format('%s %s %s', k.conrelid, k.confrelid, k.conname)] && :'known_out_keys'::text[]
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN pg_catalog.format('%s is what the plan was started for', :'at')
            ELSE pg_catalog.format('since the start of the plan %s has changed: %s; take that back, or override this', :'at', pg_catalog.string_agg(what, ', ' ORDER BY what)) END AS reason,
       pg_catalog.jsonb_build_object('changed', coalesce(pg_catalog.jsonb_agg(what ORDER BY what), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM changed;
