-- In a restored database numbers of columns and roles are others: the functions that
-- know them are made anew.
CREATE OR REPLACE FUNCTION :sync() RETURNS trigger LANGUAGE plpgsql AS :'sync_body_before';
CREATE OR REPLACE FUNCTION :filling() RETURNS boolean LANGUAGE sql STABLE AS :'filling_body';
