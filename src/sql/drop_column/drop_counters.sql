-- No trigger needs them any more, so nobody has to wait for this.
DROP FUNCTION :seen();
DROP SEQUENCE :meter;
