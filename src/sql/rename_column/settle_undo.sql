-- As dual-write left it: the backfill may run again, and fires nothing.
DO :'paired_check';
:equal_late_drop
DO :'user_triggers_guarded_before';
