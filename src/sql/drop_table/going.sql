-- What goes with the table by itself: its partitions, and all that depends on it or them
-- automatically (indexes, types, own triggers, policies, defaults, owned sequences ...).
going (classid, objid) AS (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, :relid::pg_catalog.oid
     UNION
    SELECT d.classid, d.objid
      FROM going g
      JOIN pg_catalog.pg_depend d ON d.refclassid = g.classid AND d.refobjid = g.objid AND d.deptype IN ('a', 'i', 'P', 'S')
)
