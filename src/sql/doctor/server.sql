-- The server and its settings, as far as they bear on a migration.  $1 the client's
-- clock (seconds), $2 may the system identifier be asked for.  Settings are those that a
-- new session gets: our own overrules some of them.
WITH setting AS (
    SELECT s.name, s.reset_val AS value FROM pg_catalog.pg_settings s
), finding (ord, verdict, code, text, hint) AS (
    SELECT 1, 'ok', 'server', pg_catalog.format('PostgreSQL %s, database %s, role %s',
           pg_catalog.current_setting('server_version'), pg_catalog.current_database(), session_user), NULL
     UNION ALL
    SELECT 2, 'problem', 'standby', 'this server is a standby: it cannot be written to', 'Give the connection of the primary.'
     WHERE pg_catalog.pg_is_in_recovery()
     UNION ALL
    SELECT 3, 'problem', 'read-only', 'sessions of this role only read (default_transaction_read_only)',
           'Use a role or a database whose transactions may write.'
      FROM setting WHERE name = 'default_transaction_read_only' AND value = 'on' AND NOT pg_catalog.pg_is_in_recovery()
     UNION ALL
    SELECT 4, 'note', 'system', 'the system identifier may not be asked for: copies are told apart by the database''s oid alone',
           pg_catalog.format('GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO %I;', session_user)
     WHERE NOT $2::boolean
     UNION ALL
    SELECT 5, CASE WHEN skew.s > 5 THEN 'note' ELSE 'ok' END, 'clock',
           CASE WHEN skew.s > 5 THEN pg_catalog.format('the clocks here and of the server are %s s apart; gates go by the server''s', pg_catalog.round(skew.s))
                ELSE 'the clocks here and of the server agree' END, NULL
      FROM (SELECT pg_catalog.abs(extract(epoch FROM pg_catalog.clock_timestamp())::pg_catalog.float8
                                  - $1::pg_catalog.float8)::pg_catalog.numeric) AS skew (s)
     UNION ALL
    SELECT 6, 'warning', 'timeout', pg_catalog.format('%s is %s ms for this role: it ends index builds and other long steps', name, value),
           pg_catalog.format('ALTER ROLE %I SET %s = 0;', session_user, name)
      FROM setting WHERE name = 'transaction_timeout' AND value <> '0'
     UNION ALL
    SELECT 7, 'warning', 'timeout', pg_catalog.format('%s is %s ms for this role: a backfill that pauses may lose its session', name, value),
           pg_catalog.format('ALTER ROLE %I SET %s = 0;', session_user, name)
      FROM setting WHERE name = 'idle_session_timeout' AND value <> '0'
     UNION ALL
    SELECT 8, 'note', 'sync-standbys', pg_catalog.format('commits wait for standbys (synchronous_standby_names = %L); those under a strong lock do not, one after it does', value), NULL
      FROM setting WHERE name = 'synchronous_standby_names' AND value <> ''
     UNION ALL
    SELECT 9, 'warning', 'prepared', pg_catalog.format('prepared transaction %s of %s is open since %s UTC: it keeps its locks, and the switch waits for it',
                                            x.gid, x.owner, pg_catalog.to_char(x.prepared AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')),
           'COMMIT PREPARED or ROLLBACK PREPARED it.'
      FROM pg_catalog.pg_prepared_xacts x WHERE x.database = pg_catalog.current_database()
     UNION ALL
    SELECT 10, 'note', 'event-triggers', pg_catalog.format('event trigger %s runs at %s, under the locks of our statements', e.evtname, e.evtevent),
           'See that it is quick and does not refuse DDL.'
      FROM pg_catalog.pg_event_trigger e WHERE e.evtenabled <> 'D'
     UNION ALL
    SELECT 11, 'warning', 'slot', pg_catalog.format('replication slot %s is not in use and keeps %s of WAL; a backfill adds to that', s.slot_name,
                                           pg_catalog.pg_size_pretty(pg_catalog.pg_wal_lsn_diff(
                                               CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_current_wal_lsn() END, s.restart_lsn))),
           'Drop it, or let its reader catch up.'
      FROM pg_catalog.pg_replication_slots s WHERE NOT s.active AND s.restart_lsn IS NOT NULL
     UNION ALL
    SELECT 12, 'note', 'wal', 'wal_level is logical: subscribers of a published table need the new column first', NULL
      FROM setting WHERE name = 'wal_level' AND value = 'logical'
     UNION ALL
    SELECT 13, CASE WHEN r.rolconnlimit < 2 THEN 'problem' ELSE 'note' END, 'sessions',
           pg_catalog.format('role %s may have %s session(s) at a time; a look at locks beside a step takes a second one', r.rolname, r.rolconnlimit),
           pg_catalog.format('ALTER ROLE %I CONNECTION LIMIT 5;', r.rolname)
      FROM pg_catalog.pg_roles r WHERE r.rolname = session_user AND r.rolconnlimit BETWEEN 0 AND 4 AND NOT r.rolsuper
)
SELECT verdict, code, text, hint FROM finding ORDER BY ord, text;
