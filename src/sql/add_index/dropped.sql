-- Whether the way back has been gone, when nothing was recorded of it: neither the index is
-- there, nor what attempts that were killed have left behind, see leftovers.sql.
SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
                    WHERE i.indrelid = :relid AND (c.relname = :'name' OR c.relname ~ :'ours')) AS done;
