-- The next epoch: whoever worked on the run before is refused from here on.  NOWAIT,
-- because a transaction of a process that died may still be committing.
WITH locked AS (
    SELECT p.run FROM orchestrate.plan p WHERE p.run = $1::bigint FOR NO KEY UPDATE NOWAIT
), cleared AS (
    UPDATE orchestrate.control c SET stop = false FROM locked WHERE c.run = locked.run AND c.stop
)
UPDATE orchestrate.plan p
   SET epoch = p.epoch + 1,
       holder_pid = pg_catalog.pg_backend_pid(),
       holder_backend_start = a.backend_start,
       holder_user = session_user,
       holder_application = pg_catalog.current_setting('application_name'),
       holder_client = COALESCE(pg_catalog.host(pg_catalog.inet_client_addr()), 'local'),
       taken_at = pg_catalog.clock_timestamp()
  FROM locked, pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS a
 WHERE p.run = locked.run
RETURNING p.epoch;
