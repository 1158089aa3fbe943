-- A foreign key of what was set aside, which locks the table that it references, too:
-- DROP TABLE would drop all of them in one go, with all those tables locked.  Of a table
-- that is a partition of it no longer it stays.
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_constraint k
                WHERE k.conrelid = pg_catalog.to_regclass(:'item_rel') AND k.conname = :'item_name' AND k.contype = 'f'
                  AND (k.conrelid = :relid OR k.conrelid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(:relid) t))) THEN
        ALTER TABLE :item_rel DROP CONSTRAINT :"item_name";
    END IF;
END
