-- The check that is to be proved, when it is not there yet.
SELECT :'not_null_add' AS sql, :'rel' AS relation
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = :relid AND k.conname = :'not_null' AND k.contype IN ('c', 'n') AND k.conkey = ARRAY[:attnum]::pg_catalog.int2[]);
