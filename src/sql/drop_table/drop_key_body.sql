-- One foreign key at a time: each locks two tables.  One that was gone when retire began
-- counts as dropped.
BEGIN
    IF :item_gone THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                    WHERE k.conrelid = pg_catalog.to_regclass(:'item_rel') AND k.conname = :'item_name' AND k.contype = 'f') THEN
        RAISE EXCEPTION USING ERRCODE = 'OR010',
            MESSAGE = pg_catalog.format('somebody has dropped the foreign key %I of %s while retire was under way', :'item_name', :'item_rel'),
            HINT = 'Roll this phase back, resume the plan and advance: retire then begins anew, and does without it.';
    END IF;
    ALTER TABLE :item_rel DROP CONSTRAINT :"item_name";
END
