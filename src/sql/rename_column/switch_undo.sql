-- The names change places back; both columns are equal, so nothing has to be copied.
DO :'switched_check';
ALTER TABLE :rel RENAME COLUMN :"from" TO :"between";
ALTER TABLE :rel RENAME COLUMN :"to" TO :"from";
ALTER TABLE :rel RENAME COLUMN :"between" TO :"to";
CREATE OR REPLACE FUNCTION :sync() RETURNS trigger LANGUAGE plpgsql AS :'sync_body_before';
DROP TRIGGER :"trigger_insert" ON :rel;
DROP TRIGGER :"trigger_insert_both" ON :rel;
DROP TRIGGER :"trigger_seen" ON :rel;
DROP TRIGGER :"trigger_used" ON :rel;
:trigger_used_row_drop
:triggers_before
-- Not ALTER SEQUENCE: that would wait, under the lock, for whoever once called nextval.
SELECT pg_catalog.setval(:'meter'::pg_catalog.regclass, 1, false);
