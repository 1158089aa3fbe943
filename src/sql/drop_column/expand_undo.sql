-- The column is what it was; that no row lacks a value is proved by now.
DO :'present_check';
:remove_meters
:unplace
:not_null_set
