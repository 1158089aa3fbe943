-- The rows are filled: triggers of the user fire for whoever writes, by either name.
DO :'returned_check';
:equal_late
DO :'equal_comment';
DO :'user_triggers_after';
