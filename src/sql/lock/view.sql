-- Locks a view, then the tables that it shows, in the order in which queries do.  LOCK
-- TABLE of a view would lock all partitions and children below it, too, each for as long
-- as lock_timeout; to give one of the names to the other, none of them is needed.  That
-- the owner stays who it is changes nothing, and is the one statement that locks a view
-- and nothing else.
DO $lock$
DECLARE
    until pg_catalog.timestamptz = pg_catalog.clock_timestamp() + pg_catalog.current_setting('lock_timeout')::pg_catalog.interval;
    mode pg_catalog.text = pg_catalog.current_setting('orchestrate.lock_mode');
    view pg_catalog.regclass = pg_catalog.current_setting('orchestrate.lock_relation')::pg_catalog.regclass;
    relation pg_catalog.regclass;
BEGIN
    IF mode = 'ACCESS EXCLUSIVE' THEN
        EXECUTE pg_catalog.format('ALTER VIEW %s OWNER TO CURRENT_USER', view);
    END IF;
    FOR relation IN
        SELECT DISTINCT d.refobjid::pg_catalog.regclass
          FROM pg_catalog.pg_rewrite w
          JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid
          JOIN pg_catalog.pg_class c ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = d.refobjid
         WHERE w.ev_class = view::pg_catalog.oid AND w.rulename = '_RETURN' AND c.relkind IN ('r', 'p')
    LOOP
        PERFORM pg_catalog.set_config('lock_timeout', greatest(1, pg_catalog.ceil(
                    1000 * extract(epoch FROM until - pg_catalog.clock_timestamp())))::text, true);
        EXECUTE pg_catalog.format('LOCK TABLE ONLY %s IN %s MODE', relation, mode);
    END LOOP;
END $lock$;
