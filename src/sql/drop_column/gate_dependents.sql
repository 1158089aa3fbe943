-- dependents: what others have built on the column, which a DROP without CASCADE refuses.
WITH dependent AS (
    SELECT DISTINCT coalesce((SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, w.ev_class, 0)
                                FROM pg_catalog.pg_rewrite w
                               WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid AND w.rulename = '_RETURN'),
                             pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)) AS what
      FROM (SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, :relid::pg_catalog.oid, :attnum
             UNION -- its own sequence goes with it, and takes the defaults of others
            SELECT d.classid, d.objid, 0
              FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = d.objid AND c.relkind = 'S'
             WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = :relid AND d.refobjsubid = :attnum AND d.deptype IN ('a', 'i')) AS g (classid, objid, objsubid)
      JOIN pg_catalog.pg_depend d ON d.refclassid = g.classid AND d.refobjid = g.objid AND (g.objsubid = 0 OR d.refobjsubid = g.objsubid) AND d.deptype = 'n'
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t
                        WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND t.oid = d.objid AND t.tgname ~ :'our_triggers')
       -- Checks depend in both ways, and go silently; so does the column's own default.
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend a
                        WHERE a.classid = d.classid AND a.objid = d.objid AND a.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                          AND a.refobjid = :relid AND a.refobjsubid = :attnum AND a.deptype IN ('a', 'i'))
     UNION -- goes silently with its index, and then no row can be sent
    SELECT pg_catalog.format('the replica identity, by index %s', i.indexrelid::pg_catalog.regclass)
      FROM pg_catalog.pg_index i WHERE i.indrelid = :relid AND i.indisreplident AND :attnum = ANY (i.indkey::pg_catalog.int2[])
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN pg_catalog.format('nothing of others is built on column %I of %s', :'column', :'rel')
            ELSE pg_catalog.format('on column %I of %s others have built: %s; drop or change them first', :'column', :'rel', pg_catalog.string_agg(what, ', ' ORDER BY what)) END AS reason,
       pg_catalog.jsonb_build_object('dependents', coalesce(pg_catalog.jsonb_agg(what ORDER BY what), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM dependent;
