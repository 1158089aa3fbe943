-- Has the server proved that no row lacks the value?
SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = :relid AND k.conname = :'not_null' AND k.contype IN ('c', 'n') AND k.conkey = ARRAY[:attnum]::pg_catalog.int2[] AND k.convalidated) AS done;
