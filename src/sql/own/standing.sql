-- For IF NOT EXISTS: whether there is such an index of that table, and a valid one.
SELECT EXISTS (SELECT FROM pg_catalog.pg_index i
                WHERE i.indexrelid = pg_catalog.to_regclass(:'target')::pg_catalog.oid AND i.indisvalid
                  AND i.indrelid = pg_catalog.to_regclass(:'table')::pg_catalog.oid) AS done;
