-- Before 15 a view shows everybody what its owner may see.
BEGIN
    IF pg_catalog.current_setting('server_version_num')::pg_catalog.int4 < 150000
       AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = :relid AND c.relrowsecurity)
    THEN
        RAISE EXCEPTION USING ERRCODE = 'OR010',
            MESSAGE = pg_catalog.format('%s has row level security now, and the view %s would show everybody the rows that its owner may see', :'later', :'rel'),
            HINT = pg_catalog.format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY while the view is there, then try again.', :'later');
    END IF;
END
