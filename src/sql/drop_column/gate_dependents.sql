-- dependents: what others have built on the column, which a DROP without CASCADE refuses.
WITH part AS (
:parts
), dependent AS (
    SELECT DISTINCT coalesce((SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, w.ev_class, 0)
                                FROM pg_catalog.pg_rewrite w
                               WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid AND w.rulename = '_RETURN'),
                             pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid))
                    || CASE WHEN g.top THEN '' ELSE pg_catalog.format(' (on %s)', g.relid::pg_catalog.regclass) END AS what
      FROM (SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, part.relid, part.attnum, part.relid, part.top FROM part
             UNION -- its own sequence goes with it, and takes the defaults of others
            SELECT s.classid, s.objid, 0, part.relid, part.top
              FROM part
              JOIN pg_catalog.pg_depend s ON s.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND s.refobjid = part.relid AND s.refobjsubid = part.attnum AND s.deptype IN ('a', 'i')
              JOIN pg_catalog.pg_class c ON s.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = s.objid AND c.relkind = 'S') AS g (classid, objid, objsubid, relid, top)
      JOIN pg_catalog.pg_depend d ON d.refclassid = g.classid AND d.refobjid = g.objid AND (g.objsubid = 0 OR d.refobjsubid = g.objsubid) AND d.deptype = 'n'
     -- What partitions have from the table is that of the table.
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t
                        WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND t.oid = d.objid AND (t.tgname ~ :'our_triggers' OR t.tgparentid <> 0))
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = d.objid AND k.conparentid <> 0)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_attrdef f
                         JOIN pg_catalog.pg_attribute h ON h.attrelid = f.adrelid AND h.attnum = f.adnum
                         JOIN pg_catalog.pg_attribute up ON up.attrelid = :relid AND up.attname = h.attname AND up.attgenerated <> ''
                        WHERE d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND f.oid = d.objid AND f.adrelid <> :relid)
       -- Checks depend in both ways, and go silently; so does the column's own default.
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend a JOIN part ON part.relid = a.refobjid AND part.attnum = a.refobjsubid
                        WHERE a.classid = d.classid AND a.objid = d.objid AND a.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND a.deptype IN ('a', 'i'))
     UNION -- goes silently with its index, and then no row can be sent
    SELECT pg_catalog.format('the replica identity%s, by index %s', CASE WHEN NOT part.top THEN pg_catalog.format(' of %s', part.relid::pg_catalog.regclass) END, i.indexrelid::pg_catalog.regclass)
      FROM part JOIN pg_catalog.pg_index i ON i.indrelid = part.relid AND i.indisreplident AND part.attnum = ANY (i.indkey::pg_catalog.int2[])
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN pg_catalog.format('nothing of others is built on column %I of %s', :'column', :'rel')
            ELSE pg_catalog.format('on column %I of %s others have built: %s; drop or change them first', :'column', :'rel', pg_catalog.string_agg(what, ', ' ORDER BY what)) END AS reason,
       pg_catalog.jsonb_build_object('dependents', coalesce(pg_catalog.jsonb_agg(what ORDER BY what), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM dependent;
