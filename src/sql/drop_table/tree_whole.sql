-- Has the partitioned table its foreign key again, if it is to have it?
SELECT :item_gone OR EXISTS (
    SELECT FROM pg_catalog.pg_constraint k
     WHERE k.conrelid = pg_catalog.to_regclass(:'item_rel') AND k.conname = :'item_name' AND k.contype = 'f') AS done;
