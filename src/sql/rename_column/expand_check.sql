-- Under the lock: the column is still the one that the plan was made for, and the
-- new name is still free.
DECLARE
    problem text;
BEGIN
    SELECT CASE
           WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                             WHERE c.oid = :relid AND n.nspname = :'schema' AND c.relname = :'table')
           THEN pg_catalog.format('table %s is no longer the one that the plan was started for', :'rel')
           WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                             WHERE a.attrelid = :relid AND a.attnum = :attnum AND a.attname = :'from' AND NOT a.attisdropped
                               AND pg_catalog.format_type(a.atttypid, a.atttypmod) = :'type')
           THEN pg_catalog.format('column %I of %s is no longer the one that the plan was started for (number %s, type %s)',
                                  :'from', :'rel', :attnum, :'type')
           WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a
                         WHERE a.attrelid = :relid AND a.attname = :'to' AND NOT a.attisdropped)
           THEN pg_catalog.format('table %s has a column %I by now', :'rel', :'to')
           END
      INTO problem;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'OR010', MESSAGE = problem,
            HINT = 'Put it back as it was, or end this plan with `orchestrate rollback` and start a new one.';
    END IF;
END
