-- Held by the session, so it goes with the backend and proves that it is gone.  Never
-- waited for in a statement: that would hang an index that is built concurrently.
SELECT pg_catalog.pg_try_advisory_lock($1::integer, $2::integer) AS got;
