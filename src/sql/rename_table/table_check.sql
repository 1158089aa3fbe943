-- Under the lock: the table is the one that the plan was started for, under the name that
-- it has to have by now, and beside it stands our view, or nothing.
DECLARE
    problem text;
BEGIN
    SELECT CASE
           WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = :relid AND c.oid = pg_catalog.to_regclass(:'at'))
           THEN pg_catalog.format('%s is no longer the table that the plan was started for', :'at')
           WHEN :'with_view' = '' AND pg_catalog.to_regclass(:'view') IS NOT NULL
           THEN pg_catalog.format('there is something called %s now', :'view')
           WHEN :'with_view' <> '' AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_class v
                 WHERE v.oid = pg_catalog.to_regclass(:'view') AND v.relkind = 'v'
                   AND pg_catalog.obj_description(v.oid, 'pg_class') = :'comment'
                   AND EXISTS (SELECT FROM pg_catalog.pg_rewrite w
                                 JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid
                                WHERE w.ev_class = v.oid AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = :relid))
           THEN pg_catalog.format('%s is no longer the view that this plan made of %s', :'view', :'at')
           END
      INTO problem;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'OR010', MESSAGE = problem, HINT = 'Put it back as it was, then try again.';
    END IF;
END
