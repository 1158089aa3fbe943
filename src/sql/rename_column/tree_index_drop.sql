-- Postgres drops the index of a partitioned table only as a whole, and not CONCURRENTLY;
-- its files go after the locks.
DROP INDEX IF EXISTS :"item_schema".:"item_name";
