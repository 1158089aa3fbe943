-- dependents: what others have built on the table, which a DROP without CASCADE refuses.
-- Foreign keys are looked at here too, once retire has dropped those that it knew.
WITH RECURSIVE :going, dependent AS (
    SELECT DISTINCT coalesce((SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, w.ev_class, 0)
                                FROM pg_catalog.pg_rewrite w
                               WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid AND w.rulename = '_RETURN'),
                             pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
                             || CASE WHEN :'known_keys'::pg_catalog.jsonb ? k.name THEN ', which is not what it was when the plan was started,' ELSE '' END) AS what
      FROM going g
      JOIN pg_catalog.pg_depend d ON d.refclassid = g.classid AND d.refobjid = g.objid AND d.deptype = 'n'
      LEFT JOIN LATERAL (
           SELECT pg_catalog.format('%s.%s', k.conrelid, k.conname), pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID$', ''), k.conparentid <> 0
             FROM pg_catalog.pg_constraint k
            WHERE d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = d.objid AND k.contype = 'f') AS k (name, definition, of_another) ON true
     WHERE NOT EXISTS (SELECT FROM going o WHERE o.classid = d.classid AND o.objid = d.objid)
       AND k.of_another IS NOT TRUE
       AND k.definition IS DISTINCT FROM coalesce(:'known_keys'::pg_catalog.jsonb ->> k.name, '')
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN pg_catalog.format('nothing of others is built on %s', :'at')
            ELSE pg_catalog.format('on %s others have built: %s; drop or change them first', :'at', pg_catalog.string_agg(what, ', ' ORDER BY what)) END AS reason,
       pg_catalog.jsonb_build_object('dependents', coalesce(pg_catalog.jsonb_agg(what ORDER BY what), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM dependent;
