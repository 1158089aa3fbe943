-- A foreign key that goes with the table or the column, which locks the table that it
-- references, too: dropped with them, all those tables would be locked at once.  It may be
-- called otherwise by now, or have been made anew; on another table it is another one.  Of a
-- table that is a partition no longer it stays; one that is gone already counts as dropped.
DECLARE
    found text;
BEGIN
    SELECT k.conname INTO found
      FROM pg_catalog.pg_constraint k
     WHERE k.conrelid = pg_catalog.to_regclass(:'item_rel') AND k.contype = 'f'
       AND (k.oid = :item_oid OR k.conname = :'item_name' AND k.confrelid = pg_catalog.to_regclass(:'item_target'))
       AND (k.conrelid = :relid OR k.conrelid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(:relid) t))
     ORDER BY k.oid = :item_oid DESC
     LIMIT 1;
    IF found IS NOT NULL THEN
        EXECUTE pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', :'item_rel', found);
    END IF;
END
