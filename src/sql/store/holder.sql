-- Who has the run's advisory lock.  What pg_stat_activity hides from an ordinary role
-- was written down when the run was taken.  $1 class, $2 run.
SELECT l.pid,
       COALESCE(a.usename::text, p.holder_user) AS usename,
       COALESCE(NULLIF(a.application_name, ''), p.holder_application) AS application,
       COALESCE(pg_catalog.host(a.client_addr), p.holder_client, 'local') AS client,
       orchestrate.utc(COALESCE(a.backend_start, p.holder_backend_start)) AS since
  FROM pg_catalog.pg_locks l
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
  LEFT JOIN orchestrate.plan p ON p.run = $2::bigint AND p.holder_pid = l.pid
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
   AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
   AND l.classid::bigint = $1::bigint AND l.objid::bigint = $2::bigint
 LIMIT 1;
