-- Under the lock, after retire: the original bears the new name, what is to be
-- dropped or brought back is the twin, and nobody has taken the old name meanwhile.
DECLARE
    problem text;
BEGIN
    SELECT CASE
           WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                             WHERE c.oid = :relid AND n.nspname = :'schema' AND c.relname = :'table')
           THEN pg_catalog.format('table %s is no longer the one that the plan was started for', :'rel')
           WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                             WHERE a.attrelid = :relid AND a.attnum = :attnum AND a.attname = :'to' AND NOT a.attisdropped)
           THEN pg_catalog.format('column %I of %s is not the one that the plan was started for (number %s)', :'to', :'rel', :attnum)
           WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                             WHERE a.attrelid = :relid AND a.attname = :'gone' AND a.attnum <> :attnum AND NOT a.attisdropped)
           THEN pg_catalog.format('table %s has no column %I any more', :'rel', :'gone')
           WHEN :'name_free' <> '' AND :'gone' <> :'from'
                AND EXISTS (SELECT FROM pg_catalog.pg_attribute a
                             WHERE a.attrelid = :relid AND a.attname = :'from' AND NOT a.attisdropped)
           THEN pg_catalog.format('table %s has a new column %I: the old name cannot come back', :'rel', :'from')
           END
      INTO problem;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'OR010', MESSAGE = problem, HINT = 'Put it back as it was, then try again.';
    END IF;
END
