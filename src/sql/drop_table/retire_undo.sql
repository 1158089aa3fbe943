-- The name comes back.
DO :'check_retired';
ALTER TABLE :later RENAME TO :"table";
