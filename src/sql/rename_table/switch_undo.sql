-- The same backwards.
DO :'check_switched';
DROP VIEW :rel;
ALTER TABLE :later RENAME TO :"table";
ALTER VIEW :made RENAME TO :"to";
