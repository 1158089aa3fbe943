-- The meter goes, unless somebody has dropped it already.
DROP SEQUENCE IF EXISTS :meter;
