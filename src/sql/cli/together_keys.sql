-- Foreign keys that a column is in, of its table or of a partition, and that reference
-- another table or a partition of that: whoever takes them off has to write down the name
-- of the column for the way back.  $1 the table, $2 the number of the column, $3 the other
-- table.
WITH RECURSIVE tree AS (
    SELECT $1::pg_catalog.oid AS relid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
), other AS (
    SELECT $3::pg_catalog.oid AS relid
    UNION
    SELECT i.inhrelid FROM other JOIN pg_catalog.pg_inherits i ON i.inhparent = other.relid
)
SELECT pg_catalog.string_agg(pg_catalog.format('%I of %s', k.conname, k.conrelid::pg_catalog.regclass), ', ' ORDER BY k.conname) AS keys
  FROM tree
  JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::pg_catalog.oid AND a.attnum = $2::pg_catalog.int2
  JOIN pg_catalog.pg_attribute m ON m.attrelid = tree.relid AND m.attname = a.attname AND NOT m.attisdropped
  JOIN pg_catalog.pg_constraint k ON k.contype = 'f' AND k.conparentid = 0 AND k.conrelid = tree.relid AND m.attnum = ANY (k.conkey)
  JOIN other ON other.relid = k.confrelid;
