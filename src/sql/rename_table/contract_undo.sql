-- The old name comes back, as it was after the switch; not where it would show more than
-- the table does, see gate_row_security.sql.
DO :'check_contracted';
DO :'check_policies';
:view_of_old_name
