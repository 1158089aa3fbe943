-- The rows are filled: triggers of the user fire for whoever writes, and those on UPDATE
-- OF the original also when the new name is written, which new code does after this phase.
DO :'paired_check';
DO :'user_triggers_before';
