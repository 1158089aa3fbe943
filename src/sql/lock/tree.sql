-- Locks a partitioned table and its partitions, parent before child.  LOCK TABLE would
-- wait for as long as lock_timeout at each of them, while it holds the others; here all
-- share one lock_timeout.  Nobody attaches or detaches while the parent is locked.
DO $lock$
DECLARE
    until pg_catalog.timestamptz = pg_catalog.clock_timestamp() + pg_catalog.current_setting('lock_timeout')::pg_catalog.interval;
    level pg_catalog.regclass[] = ARRAY[pg_catalog.current_setting('orchestrate.lock_relation')::pg_catalog.regclass];
    relation pg_catalog.regclass;
BEGIN
    WHILE pg_catalog.cardinality(level) > 0 LOOP
        FOREACH relation IN ARRAY level LOOP
            PERFORM pg_catalog.set_config('lock_timeout', greatest(1, pg_catalog.ceil(
                        1000 * extract(epoch FROM until - pg_catalog.clock_timestamp())))::text, true);
            EXECUTE pg_catalog.format('LOCK TABLE ONLY %s IN %s MODE', relation,
                                      pg_catalog.current_setting('orchestrate.lock_mode'));
        END LOOP;
        level = ARRAY(SELECT i.inhrelid FROM pg_catalog.pg_inherits i
                       WHERE i.inhparent = ANY (level::pg_catalog.oid[]) ORDER BY i.inhrelid);
    END LOOP;
END $lock$;
