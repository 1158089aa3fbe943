-- As dual-write left it: the backfill may run again, and fires nothing.
DO :'paired_check';
DO :'user_triggers_guarded_before';
