-- The same backwards.
DO :'check_switched';
:view_for_new_name
