-- One foreign key at a time: each locks two tables.  One that was gone when retire began
-- counts as dropped; one that was replaced since is not ours to drop.  Which it is was
-- found out before the lock, see drop_key_prepare.sql.
DECLARE
    noted CONSTANT text = pg_catalog.current_setting('orchestrate.key');
    other text;
BEGIN
    IF noted = 'gone' THEN
        RETURN;
    END IF;
    IF noted IS DISTINCT FROM (SELECT k.oid::text FROM pg_catalog.pg_constraint k WHERE k.conrelid = pg_catalog.to_regclass(:'item_rel') AND k.conname = :'item_name') THEN
        SELECT pg_catalog.pg_get_constraintdef(k.oid) INTO other
          FROM pg_catalog.pg_constraint k
         WHERE k.conrelid = pg_catalog.to_regclass(:'item_rel') AND k.conname = :'item_name';
        RAISE EXCEPTION USING ERRCODE = 'OR010',
            MESSAGE = CASE WHEN other IS NULL
                           THEN pg_catalog.format('somebody has dropped the foreign key %I of %s while retire was under way', :'item_name', :'item_rel')
                           ELSE pg_catalog.format('the foreign key %I of %s is not the one that there was when retire began: %s', :'item_name', :'item_rel', other) END,
            HINT = 'Roll this phase back, resume the plan and advance: retire then begins anew, and does without it.';
    END IF;
    ALTER TABLE :item_rel DROP CONSTRAINT :"item_name";
END
