-- Which cluster this is, and which of its pasts: a standby that was promoted, or a
-- restore, begins a new timeline.  Plain roles may ask by default, but it can be
-- revoked; then even naming the functions fails, so it is asked beforehand.
SELECT c.system_identifier::text AS system_id,
       CASE WHEN pg_catalog.pg_is_in_recovery() THEN ''
            ELSE pg_catalog.left(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 8) END AS timeline
  FROM pg_catalog.pg_control_system() c;
