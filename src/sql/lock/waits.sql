-- Whom the statement of session $1 waits for: transactions that are older than the
-- index which is being built, or that hold a lock on the table.
SELECT b.pid,
       a.usename AS "user",
       a.application_name AS application,
       a.state,
       pg_catalog.left(pg_catalog.regexp_replace(a.query, '\s+', ' ', 'g'), 200) AS query,
       (extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start) * 1000)::pg_catalog.int8 AS age_ms,
       '' AS mode,
       coalesce(a.backend_type = 'autovacuum worker', false) AS autovacuum,
       false AS wraparound,
       b.pid = 0 AS prepared,
       a.pid IS NOT NULL AND a.xact_start IS NULL AS hidden,
       b.pid::text AS virtualtransaction
  FROM (SELECT DISTINCT u.pid
          FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids($1::pg_catalog.int4)) AS u (pid)) AS b
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid
 ORDER BY a.xact_start;
