-- The same backwards.
DO :'check_switched';
DROP VIEW :rel;
ALTER TABLE :later RENAME TO :"table";
:view_of_new_name
