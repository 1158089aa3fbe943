-- The meter says again what it said before.
COMMENT ON SEQUENCE :meter IS :'meter_comment';
