-- Whether the index is gone.
SELECT pg_catalog.to_regclass(:'target') IS NULL AS done;
