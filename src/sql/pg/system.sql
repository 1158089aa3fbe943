-- Which cluster this is.  Plain roles may ask by default, but it can be revoked; then
-- even naming the function fails, so it is asked beforehand.
SELECT c.system_identifier::text AS system_id FROM pg_catalog.pg_control_system() c;
