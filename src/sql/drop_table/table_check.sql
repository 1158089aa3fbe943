-- Under the lock: the table is the one that the plan was started for, under the name that
-- it has to have by now, and the other name, where one is given, is free.
DECLARE
    problem text;
BEGIN
    SELECT CASE
           WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = :relid AND c.oid = pg_catalog.to_regclass(:'at'))
           THEN pg_catalog.format('%s is no longer the table that the plan was started for', :'at')
           WHEN pg_catalog.to_regclass(nullif(:'free', '')) IS NOT NULL
           THEN pg_catalog.format('there is something called %s now', :'free')
           END
      INTO problem;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'OR010', MESSAGE = problem, HINT = 'Put it back as it was, then try again.';
    END IF;
END
