-- The view gets the defaults of the table: INSERT would find them there by itself, but
-- UPDATE ... SET column = DEFAULT through a view without them writes NULL.  Identity and
-- generated columns need none.
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT a.attname AS name, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS value
          FROM pg_catalog.pg_attrdef d
          JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
         WHERE d.adrelid = :relid AND a.attgenerated = ''
    LOOP
        EXECUTE pg_catalog.format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', :'view', item.name, item.value);
    END LOOP;
END
