-- The rows are filled: triggers of the user fire for whoever writes, and those on UPDATE
-- OF the original also when the new name is written, which new code does after this phase.
-- The check of a wide column comes now, when no row has to be healed any more.
DO :'paired_check';
:equal_late
DO :'equal_comment';
DO :'user_triggers_before';
