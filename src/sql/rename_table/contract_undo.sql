-- The old name comes back, as it was after the switch.
DO :'check_contracted';
:view_of_old_name
