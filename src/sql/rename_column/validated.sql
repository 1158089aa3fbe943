SELECT EXISTS (
    SELECT FROM pg_catalog.pg_constraint c
     WHERE c.conrelid = :relid AND c.conname = :'equal' AND c.convalidated) AS done;
