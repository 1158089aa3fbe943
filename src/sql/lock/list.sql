-- Locks several tables, in the order in which they are written, each with its partitions,
-- parent before child; all share one lock_timeout, so that nobody waits for as long as
-- that at each of them.  What the role may not lock by itself is locked by the statements
-- that follow, for which the rest of the time is left; what is gone needs no lock.
DO $lock$
DECLARE
    until pg_catalog.timestamptz = pg_catalog.clock_timestamp() + pg_catalog.current_setting('lock_timeout')::pg_catalog.interval;
    mode pg_catalog.text = pg_catalog.current_setting('orchestrate.lock_mode');
    root pg_catalog.oid;
    level pg_catalog.oid[];
    relation pg_catalog.regclass;
BEGIN
    FOR root IN
        SELECT pg_catalog.to_regclass(named.part[1])::pg_catalog.oid
          FROM pg_catalog.regexp_matches(pg_catalog.current_setting('orchestrate.lock_relation'), '(?:"(?:[^"]|"")*"|[^",[:space:]])+', 'g') WITH ORDINALITY AS named (part, n)
         WHERE pg_catalog.to_regclass(named.part[1]) IS NOT NULL
         ORDER BY named.n
    LOOP
        level = ARRAY[root];
        WHILE pg_catalog.cardinality(level) > 0 LOOP
            FOREACH relation IN ARRAY level LOOP
                PERFORM pg_catalog.set_config('lock_timeout', greatest(1, pg_catalog.ceil(
                            1000 * extract(epoch FROM until - pg_catalog.clock_timestamp())))::text, true);
                BEGIN
                    EXECUTE pg_catalog.format('LOCK TABLE ONLY %s IN %s MODE', relation, mode);
                EXCEPTION WHEN insufficient_privilege THEN
                    NULL;
                END;
            END LOOP;
            level = ARRAY(SELECT i.inhrelid FROM pg_catalog.pg_inherits i
                           WHERE i.inhparent = ANY (level) ORDER BY i.inhrelid);
        END LOOP;
    END LOOP;
    PERFORM pg_catalog.set_config('lock_timeout', greatest(10, pg_catalog.ceil(
                1000 * extract(epoch FROM until - pg_catalog.clock_timestamp())))::text, true);
END $lock$;
