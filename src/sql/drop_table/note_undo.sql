-- The meter says again what it said before; made anew where somebody has dropped it.
CREATE SEQUENCE IF NOT EXISTS :meter MINVALUE 0 START 0;
COMMENT ON SEQUENCE :meter IS :'meter_comment';
