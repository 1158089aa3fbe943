-- The old name comes back, and is kept in step from here on.  What was written since
-- retire is carried over by the next step; old code has to wait for that.
DO :'retired_check';
:unbury
ALTER TABLE :rel
    ADD CONSTRAINT :"equal" CHECK (pg_catalog.record_image_eq(ROW(:"to":cast), ROW(:"from":cast))) NOT VALID;
COMMENT ON CONSTRAINT :"equal" ON :rel IS :'comment';
:twin_default_again
:triggers_in_step
:triggers_after
:trigger_both
DO :'user_triggers_guarded_after';
