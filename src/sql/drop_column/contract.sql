-- The point of no return.  No CASCADE: whatever somebody has built on it stops this.
DO :'buried_check';
ALTER TABLE :rel DROP COLUMN :"gone";
DROP FUNCTION IF EXISTS :seen();
DROP SEQUENCE IF EXISTS :meter;
