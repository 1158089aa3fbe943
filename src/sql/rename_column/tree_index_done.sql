-- The server calls it valid once each partition has a valid one attached.
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = :item_relid AND c.relname = :'item_name' AND i.indisvalid) AS done;
