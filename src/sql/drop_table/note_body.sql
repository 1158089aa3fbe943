-- Notes which of the foreign keys that there were at the start are gone: somebody has
-- dropped them, or their tables, and the way back shall not make them again; nor what was
-- put in their place.
DECLARE
    memory pg_catalog.jsonb = :'memory';
    gone pg_catalog.jsonb;
BEGIN
    SELECT coalesce(pg_catalog.jsonb_agg(pg_catalog.format('%I.%I %I', k.j ->> 'schema', k.j ->> 'relation', k.j ->> 'name')), '[]')
      INTO gone
      FROM pg_catalog.jsonb_array_elements(memory -> 'keys') k (j)
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c
                        WHERE c.conrelid = pg_catalog.to_regclass(pg_catalog.format('%I.%I', k.j ->> 'schema', k.j ->> 'relation'))
                          AND c.conname = k.j ->> 'name' AND c.contype = 'f'
                          AND pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(c.oid), ' NOT VALID$', '') = k.j ->> 'definition');
    IF pg_catalog.to_regclass(:'meter') IS NULL THEN
        EXECUTE 'CREATE SEQUENCE ' || :'meter' || ' MINVALUE 0 START 0';
    END IF;
    EXECUTE pg_catalog.format('COMMENT ON SEQUENCE %s IS %L', :'meter',
                              :'comment' || :'separator' || (memory || pg_catalog.jsonb_build_object('gone', gone))::text);
END
