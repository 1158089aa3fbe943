-- Is something in the way of the foreign key?
DECLARE
    asked pg_catalog.jsonb = pg_catalog.jsonb_build_array(:'item_self'::pg_catalog.jsonb);
    way record;
BEGIN
    FOR way IN
        :key_problems
    LOOP
        RAISE EXCEPTION USING ERRCODE = 'OR010', MESSAGE = way.text, HINT = way.hint;
    END LOOP;
END
