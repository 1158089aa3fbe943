-- A check that is not proved lets no row without a value be written, whatever is written:
-- it does not outlast the attempt.
SELECT pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I;', :'rel', k.conname) AS sql, :'rel' AS relation
  FROM pg_catalog.pg_constraint k
 WHERE k.conrelid = :relid AND k.conname = :'not_null' AND k.contype IN ('c', 'n') AND k.conkey = ARRAY[:attnum]::pg_catalog.int2[] AND NOT k.convalidated;
