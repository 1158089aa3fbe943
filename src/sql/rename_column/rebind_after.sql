-- The same after the exchange; there a trigger knows the mark of the default, too.
CREATE OR REPLACE FUNCTION :sync() RETURNS trigger LANGUAGE plpgsql AS :'sync_body_after';
CREATE OR REPLACE FUNCTION :filling() RETURNS boolean LANGUAGE sql STABLE AS :'filling_body';
DROP TRIGGER :"trigger_insert_both" ON :rel;
:trigger_both
