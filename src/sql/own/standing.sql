-- For IF NOT EXISTS: whether there is such an index, and a valid one.
SELECT EXISTS (SELECT FROM pg_catalog.pg_index i
                WHERE i.indexrelid = pg_catalog.to_regclass(:'target')::pg_catalog.oid AND i.indisvalid) AS done;
