-- The point of no return: the twin and all that served it.  No CASCADE: whatever
-- somebody has put on it stops this.
DO :'contract_check';
ALTER TABLE :rel DROP COLUMN :"gone";
DROP FUNCTION :sync();
DROP FUNCTION :last();
DROP FUNCTION :seen();
DROP FUNCTION :filling();
DROP SEQUENCE :meter;
