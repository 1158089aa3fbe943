-- The column is demanded again: of what is written from now on at once, of the rows that
-- there are by the next steps.
DO :'present_check';
:remove_meters
:unplace
:not_null_add
DROP FUNCTION :seen();
DROP SEQUENCE :meter;
