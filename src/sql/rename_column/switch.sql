-- The names change places: the original, with all that hangs on it, gets the new
-- one.  The meters move to the column that bears the old name now, and count anew.
DO :'switch_check';
ALTER TABLE :rel RENAME COLUMN :"to" TO :"between";
ALTER TABLE :rel RENAME COLUMN :"from" TO :"to";
ALTER TABLE :rel RENAME COLUMN :"between" TO :"from";
CREATE OR REPLACE FUNCTION :sync() RETURNS trigger LANGUAGE plpgsql AS :'sync_body_after';
DROP TRIGGER :"trigger_insert" ON :rel;
DROP TRIGGER :"trigger_seen" ON :rel;
DROP TRIGGER :"trigger_used" ON :rel;
:trigger_used_row_drop
:triggers_after
:trigger_both
-- Not ALTER SEQUENCE: that would wait, under the lock, for whoever once called nextval.
SELECT pg_catalog.setval(:'meter'::pg_catalog.regclass, 1, false);
