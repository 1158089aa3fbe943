-- The column in each table of the tree: partitions may have it at another number, and
-- what hangs on it there is noted there.
    SELECT t.relid, a.attnum::pg_catalog.int4 AS attnum, t.relid = :relid AS top
      FROM (SELECT :relid::pg_catalog.oid UNION SELECT p.relid FROM pg_catalog.pg_partition_tree(:relid) p) AS t (relid)
      JOIN pg_catalog.pg_attribute own ON own.attrelid = :relid AND own.attnum = :attnum
      JOIN pg_catalog.pg_attribute a ON a.attrelid = t.relid AND a.attname = own.attname AND a.attnum > 0 AND NOT a.attisdropped
