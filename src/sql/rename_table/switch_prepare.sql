-- What the old name will be, made before anybody is locked out.
DO :'check_expanded';
:view_for_old_name
