-- What a backfill must not make worse: how far replicas are behind (NULL lag
-- columns with a NULL state: we may not look), and how much WAL there is.
SELECT coalesce(pg_catalog.max(extract(epoch FROM r.replay_lag) * 1000), 0)::pg_catalog.int8 AS lag_ms,
       pg_catalog.count(*) FILTER (WHERE r.state IS NULL) AS unseen,
       (SELECT (pg_catalog.pg_current_wal_insert_lsn() - '0/0'::pg_catalog.pg_lsn)::pg_catalog.int8) AS wal
  FROM pg_catalog.pg_stat_replication r;
