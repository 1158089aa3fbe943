-- Before anything is undone: is the name free, and can each foreign key come back?
DECLARE
    asked pg_catalog.jsonb = :'memory'::pg_catalog.jsonb -> 'keys';
    taken text;
    way record;
BEGIN
    SELECT pg_catalog.format('%s %s', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE'
                                                     WHEN 'i' THEN 'INDEX' WHEN 'I' THEN 'INDEX' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END, :'rel')
      INTO taken
      FROM pg_catalog.pg_class c
     WHERE c.oid = pg_catalog.to_regclass(:'rel');
    IF taken IS NULL THEN -- the server gives arrays another name by itself
        SELECT pg_catalog.format('%s %s', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, :'rel')
          INTO taken
          FROM pg_catalog.pg_type t
          JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace AND n.nspname = :'schema'
         WHERE t.typname = :'table' AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid);
    END IF;
    IF taken IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'OR010', MESSAGE = pg_catalog.format('there is something called %s now', :'rel'),
            HINT = pg_catalog.format('It needs another name before %s can have it back (ALTER %s RENAME TO ...); then try again.', :'later', taken);
    END IF;
    FOR way IN
        :key_problems
    LOOP
        RAISE EXCEPTION USING ERRCODE = 'OR010', MESSAGE = way.text, HINT = way.hint;
    END LOOP;
END
