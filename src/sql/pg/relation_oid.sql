-- The relation that bears this qualified, quoted name now; NULL: none does.
SELECT pg_catalog.to_regclass($1)::pg_catalog.oid AS relid;
