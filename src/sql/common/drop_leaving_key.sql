-- A foreign key that goes with the table or the column, which locks the table that it
-- references, too: dropped with them, all those tables would be locked at once.  Of a table
-- that is a partition no longer it stays; one that is gone already counts as dropped.
BEGIN
    IF EXISTS (SELECT FROM pg_catalog.pg_constraint k
                WHERE k.conrelid = pg_catalog.to_regclass(:'item_rel') AND k.conname = :'item_name' AND k.contype = 'f'
                  AND (k.conrelid = :relid OR k.conrelid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(:relid) t))) THEN
        ALTER TABLE :item_rel DROP CONSTRAINT :"item_name";
    END IF;
END
