-- The old name comes back, and is kept in step from here on.  What was written since
-- retire is carried over by the next step; old code has to wait for that.
DO :'retired_check';
:unbury
:equal_early
DO :'equal_comment';
:twin_default_again
:triggers_in_step
:trigger_fill_again
:triggers_after
:trigger_both
DO :'user_triggers_guarded_after';
