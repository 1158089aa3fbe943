-- From here on each name sees what is written by the other.  The check makes a row
-- in which they differ impossible to write; it is validated after the backfill.
DO :'dual_write_check';
ALTER TABLE :rel
    DROP CONSTRAINT :"wait",
    ADD CONSTRAINT :"equal" CHECK (pg_catalog.record_image_eq(ROW(:"to":cast), ROW(:"from":cast))) NOT VALID;
COMMENT ON CONSTRAINT :"equal" ON :rel IS :'comment';
:twin_default
:triggers_in_step
:triggers_before
:grants
DO :'user_triggers_guarded_before';
