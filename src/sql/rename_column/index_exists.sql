-- Has the index got its final name?  That is given together with the record of it.
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_index i
      JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
     WHERE i.indrelid = :relid AND c.relname = :'index_name' AND i.indisvalid) AS done;
