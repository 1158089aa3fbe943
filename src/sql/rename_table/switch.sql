-- The table takes the new name, a view the old one.  The view is locked first, as
-- queries that use it do: the table first would be half of a deadlock.
DO :'check_expanded';
DROP VIEW :later;
ALTER TABLE :rel RENAME TO :"to";
ALTER VIEW :made RENAME TO :"table";
