-- Is the index of that name the one that was built?  Somebody may have dropped it and made
-- another.  Two conditions are the same when the planner makes the same of both.  The answer
-- is left for drop_next.sql: a DROP that is CONCURRENTLY stands alone.
DECLARE
    found record;
    line text;
    wanted text = '';
    here text = '';
BEGIN
    SELECT i.indexrelid AS oid, :alike AS alike, pg_catalog.pg_get_indexdef(i.indexrelid) AS definition,
           coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), 'true') AS condition
      INTO found
      FROM pg_catalog.pg_index i
      JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = :relid AND c.relname = :'name';
    IF found.alike THEN
        BEGIN
            FOR line IN EXECUTE pg_catalog.format('EXPLAIN (VERBOSE, COSTS OFF) SELECT (%s) FROM ONLY %s', coalesce(nullif(:'where', ''), 'true'), :'rel') LOOP
                wanted = wanted || line;
            END LOOP;
        EXCEPTION WHEN syntax_error_or_access_rule_violation THEN -- a column is called otherwise, say
            RAISE EXCEPTION USING ERRCODE = 'OR010',
                MESSAGE = pg_catalog.format('whether the index %I of %s is the one that this plan has built cannot be told: %s; now it is %s', :'name', :'rel', SQLERRM, found.definition),
                HINT = pg_catalog.format('Give what `where` names its name back; or, if the index is this one, drop it: DROP INDEX CONCURRENTLY %I.%I; then try again.', :'schema', :'name');
        END;
        FOR line IN EXECUTE pg_catalog.format('EXPLAIN (VERBOSE, COSTS OFF) SELECT (%s) FROM ONLY %s', found.condition, :'rel') LOOP
            here = here || line;
        END LOOP;
    END IF;
    IF found.alike AND here = wanted THEN
        PERFORM pg_catalog.set_config('orchestrate.our_index', found.oid::text, false);
        RETURN;
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'OR010',
        MESSAGE = pg_catalog.format('the index %I of %s is not the one that this plan has built: %s', :'name', :'rel', found.definition),
        HINT = pg_catalog.format('If it shall stay, give it another name: ALTER INDEX %I.%I RENAME TO ...; else drop it: DROP INDEX CONCURRENTLY %I.%I; then try again.', :'schema', :'name', :'schema', :'name');
END
