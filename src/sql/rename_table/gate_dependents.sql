-- dependents: what somebody has built on our view goes with it, so it has to go first.
WITH dependent AS (
    SELECT DISTINCT coalesce((SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, w.ev_class, 0)
                                FROM pg_catalog.pg_rewrite w
                               WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid AND w.rulename = '_RETURN'),
                             pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)) AS what
      FROM pg_catalog.pg_class v
      JOIN pg_catalog.pg_depend d
        ON (d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = v.oid)
        OR (d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid IN (v.reltype, (SELECT t.typarray FROM pg_catalog.pg_type t WHERE t.oid = v.reltype)))
     WHERE v.oid = pg_catalog.to_regclass(:'view') AND v.relkind = 'v'
       -- The view's own rule, defaults and types.
       AND NOT (d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
                AND EXISTS (SELECT FROM pg_catalog.pg_rewrite w WHERE w.oid = d.objid AND w.ev_class = v.oid AND w.rulename = '_RETURN'))
       AND NOT (d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
                AND EXISTS (SELECT FROM pg_catalog.pg_attrdef f WHERE f.oid = d.objid AND f.adrelid = v.oid))
       AND NOT (d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
                AND d.objid IN (v.reltype, (SELECT t.typarray FROM pg_catalog.pg_type t WHERE t.oid = v.reltype)))
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN pg_catalog.format('nothing of others is built on the view %s', :'view')
            ELSE pg_catalog.format('on the view %s others have built: %s; drop them, and make them again on %s',
                                   :'view', pg_catalog.string_agg(what, ', ' ORDER BY what), :'stays') END AS reason,
       pg_catalog.jsonb_build_object('dependents', coalesce(pg_catalog.jsonb_agg(what ORDER BY what), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM dependent;
