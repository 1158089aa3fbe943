-- The baseline of the meter: what the statistics have counted of the table so far.  Only
-- a sequence keeps a number without state of ours that a dump would lose.
DO :'check_expand';
CREATE SEQUENCE :meter MINVALUE 0 START 0;
GRANT SELECT ON SEQUENCE :meter TO PUBLIC;
GRANT UPDATE ON SEQUENCE :meter TO CURRENT_USER; -- which default privileges may have taken away
COMMENT ON SEQUENCE :meter IS :'meter_comment';
SELECT pg_catalog.setval(:'meter'::pg_catalog.regclass, (:uses));
