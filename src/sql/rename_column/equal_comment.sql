-- Says whose the check is; a wide column gets its check only in verify.
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conrelid = :relid AND c.conname = :'equal') THEN
        EXECUTE pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS %L', :'equal', :'rel', :'comment');
    END IF;
END
