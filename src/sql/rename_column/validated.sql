-- Has the database proved that both columns are equal in every row?
SELECT EXISTS (
    SELECT FROM pg_catalog.pg_constraint c
     WHERE c.conrelid = :relid AND c.conname = :'equal' AND c.convalidated) AS done;
