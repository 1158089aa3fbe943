-- No trigger needs them any more, so nobody has to wait for this.
DROP FUNCTION IF EXISTS :seen();
DROP SEQUENCE IF EXISTS :meter;
