-- From here on each name sees what is written by the other.  The check makes a row
-- in which they differ impossible to write; it is validated after the backfill.  With
-- a wide column, where the triggers do not heal rows, it comes after the backfill.
DO :'dual_write_check';
ALTER TABLE :rel
    DROP CONSTRAINT :"wait";
:equal_early
DO :'equal_comment';
:twin_default
:triggers_in_step
:triggers_before
:grants
DO :'user_triggers_guarded_before';
