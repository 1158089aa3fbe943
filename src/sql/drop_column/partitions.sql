-- What is wrong with tables that have become partitions, or are partitions no longer:
-- one more may want a value that new code does not give; one that has been taken out
-- while the column was set aside keeps it under that name.
    SELECT pg_catalog.format('column %I is NOT NULL in partition %s, not in all of %s, so that code cannot omit it there; ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL',
                             own.attname, a.attrelid::pg_catalog.regclass, :'rel', a.attrelid::pg_catalog.regclass, own.attname) AS text
      FROM pg_catalog.pg_partition_tree(:relid) t
      JOIN pg_catalog.pg_attribute own ON own.attrelid = :relid AND own.attnum = :attnum AND NOT own.attnotnull
      JOIN pg_catalog.pg_attribute a ON a.attrelid = t.relid AND a.attname = own.attname AND a.attnotnull
     WHERE :'takes_null' <> ''
     UNION ALL
    SELECT pg_catalog.format('%s, which is no partition of %s, still has the column, as %I; attach it again, or ALTER TABLE %s RENAME COLUMN %I TO %I, or DROP COLUMN %I',
                             a.attrelid::pg_catalog.regclass, :'rel', a.attname, a.attrelid::pg_catalog.regclass, a.attname, :'column', a.attname)
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
     WHERE a.attname = :'tombstone' AND NOT a.attisdropped AND a.attinhcount = 0
       AND a.attrelid <> :relid AND a.attrelid NOT IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(:relid) t)
