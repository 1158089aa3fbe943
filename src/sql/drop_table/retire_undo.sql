-- The name comes back, unless something is in the way of that or of the foreign keys.
DO :'check_retired';
DO :'way_back';
ALTER TABLE :later RENAME TO :"table";
