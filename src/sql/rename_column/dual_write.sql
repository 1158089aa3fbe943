-- From here on each name sees what is written by the other.  The check makes a row
-- in which they differ impossible to write; it is validated after the backfill.  With
-- a wide column, for which it costs more, it comes after the backfill.
DO :'dual_write_check';
ALTER TABLE :rel
    DROP CONSTRAINT :"wait";
:equal_early
DO :'equal_comment';
:twin_default
:triggers_in_step
:trigger_fill_create
:triggers_before
:grants
DO :'user_triggers_guarded_before';
