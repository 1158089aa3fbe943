-- One at a time; the schema does not exist yet, so there is no row to lock.
SELECT pg_catalog.pg_advisory_xact_lock($1::bigint);
