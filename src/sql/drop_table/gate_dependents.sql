-- dependents: what others have built on the table, which a DROP without CASCADE refuses.
-- Foreign keys are looked at here too, once retire has dropped those that it knew.
WITH RECURSIVE :going, dependent AS (
    SELECT DISTINCT coalesce((SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, w.ev_class, 0)
                                FROM pg_catalog.pg_rewrite w
                               WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid AND w.rulename = '_RETURN'),
                             pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)) AS what
      FROM going g
      JOIN pg_catalog.pg_depend d ON d.refclassid = g.classid AND d.refobjid = g.objid AND d.deptype = 'n'
     WHERE NOT EXISTS (SELECT FROM going o WHERE o.classid = d.classid AND o.objid = d.objid)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                        WHERE d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = d.objid AND k.contype = 'f'
                          AND (k.conparentid <> 0 OR pg_catalog.format('%s.%s', k.conrelid, k.conname) = ANY (:'known_keys'::text[])))
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN pg_catalog.format('nothing of others is built on %s', :'at')
            ELSE pg_catalog.format('on %s others have built: %s; drop or change them first', :'at', pg_catalog.string_agg(what, ', ' ORDER BY what)) END AS reason,
       pg_catalog.jsonb_build_object('dependents', coalesce(pg_catalog.jsonb_agg(what ORDER BY what), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM dependent;
