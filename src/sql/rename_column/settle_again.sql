-- The rows are filled: triggers of the user fire for whoever writes, by either name.
DO :'switched_check';
DO :'user_triggers_after';
