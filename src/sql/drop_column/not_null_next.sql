-- The check that is to be proved, when it is not there yet.  Since 18 a column has but one:
-- that of somebody who could not wait gets the name that it had.
SELECT coalesce((SELECT pg_catalog.format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I;', :'rel', k.conname, :'not_null')
                   FROM pg_catalog.pg_constraint k
                  WHERE k.conrelid = :relid AND k.contype = 'n' AND k.conkey = ARRAY[:attnum]::pg_catalog.int2[]), :'not_null_add') AS sql, :'rel' AS relation
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = :relid AND k.conname = :'not_null' AND k.contype IN ('c', 'n') AND k.conkey = ARRAY[:attnum]::pg_catalog.int2[]);
