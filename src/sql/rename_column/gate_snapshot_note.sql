-- snapshot, before verify: never closed.  It notes which transactions are open now
-- that the backfill is finished; those may hold a snapshot in which the twin is
-- empty, and a role without pg_read_all_stats cannot tell their age later on.
SELECT true AS open,
       'transactions that are open now will be waited for before switch' AS reason,
       pg_catalog.jsonb_build_object('open', coalesce(pg_catalog.jsonb_agg(l.virtualtransaction ORDER BY l.virtualtransaction), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM pg_catalog.pg_locks l
  JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'virtualxid' AND l.granted AND l.pid <> pg_catalog.pg_backend_pid()
   AND a.datname = pg_catalog.current_database() AND a.usesysid IS NOT NULL;
