-- Does something else bear the name of the foreign key by now?  It is somebody else's.
DECLARE
    other text;
BEGIN
    SELECT pg_catalog.pg_get_constraintdef(k.oid) INTO other
      FROM pg_catalog.pg_constraint k
     WHERE k.conrelid = pg_catalog.to_regclass(:'item_rel') AND k.conname = :'item_name' AND NOT (:item_gone OR :item_standing);
    IF other IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'OR010',
            MESSAGE = pg_catalog.format('%s has another constraint %I by now: %s', :'item_rel', :'item_name', other),
            HINT = pg_catalog.format('Give it another name (ALTER TABLE %s RENAME CONSTRAINT %I TO ...), or drop it; then try again.', :'item_rel', :'item_name');
    END IF;
END
