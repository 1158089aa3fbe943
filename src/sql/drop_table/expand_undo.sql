-- The meter goes.
DROP SEQUENCE :meter;
