-- Under the lock: the table and the column are those that the plan was started for, and
-- the column bears the name that it has to have by now.
DECLARE
    problem text;
BEGIN
    SELECT CASE
           WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = :relid AND c.oid = pg_catalog.to_regclass(:'rel'))
           THEN pg_catalog.format('table %s is no longer the one that the plan was started for', :'rel')
           WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                             WHERE a.attrelid = :relid AND a.attnum = :attnum AND a.attname = :'named' AND NOT a.attisdropped)
           THEN pg_catalog.format('column %I of %s is not the one that the plan was started for (number %s)', :'named', :'rel', :attnum)
           WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = :relid AND a.attnum = :attnum AND a.attinhcount > 0)
           THEN pg_catalog.format('%s has come to inherit column %I from another table', :'rel', :'named')
           WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhparent AND c.relkind = 'r' WHERE c.oid = :relid)
           THEN pg_catalog.format('other tables have come to inherit from %s, and would lose the column with it: %s', :'rel',
                                  (SELECT pg_catalog.string_agg(i.inhrelid::pg_catalog.regclass::text, ', ') FROM pg_catalog.pg_inherits i WHERE i.inhparent = :relid))
           WHEN :'named' <> :'column' AND :'name_free' <> ''
                AND EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = :relid AND a.attname = :'column' AND NOT a.attisdropped)
           THEN pg_catalog.format('table %s has a new column %I: the old one cannot come back', :'rel', :'column')
           END
      INTO problem;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'OR010', MESSAGE = problem, HINT = 'Put it back as it was, then try again.';
    END IF;
END
