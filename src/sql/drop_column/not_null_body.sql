-- The proof for NOT NULL, so that the server need not read the table under a strong lock.
BEGIN
    ALTER TABLE :rel VALIDATE CONSTRAINT :"not_null";
EXCEPTION WHEN check_violation OR not_null_violation THEN
    RAISE EXCEPTION USING ERRCODE = 'check_violation',
        MESSAGE = pg_catalog.format('rows of %s were written without %I while this was under way', :'rel', :'column'),
        HINT = pg_catalog.format('Let no code leave %I out any more, and fill it: UPDATE %s SET %I = ... WHERE %I IS NULL; then try again.',
                                 :'column', :'rel', :'column', :'column');
END
