-- Under the lock: whatever has been attached until now has its proved key, too.
DECLARE
    problem text;
BEGIN
    WITH RECURSIVE :item_members
    SELECT pg_catalog.format('%s became a partition of %s just now, and its rows are not looked at yet', member.rel, :'item_rel')
      INTO problem
      FROM member
     WHERE member.isleaf
       AND NOT EXISTS (SELECT FROM ours WHERE ours.conrelid = member.relid AND (ours.convalidated OR NOT member.valid))
     LIMIT 1;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'OR010', MESSAGE = problem, HINT = 'Try again: the same command looks at them and goes on.';
    END IF;
END
