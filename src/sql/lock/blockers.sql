-- Who holds a lock on $1 (a qualified name, or several with commas between them) that
-- conflicts with the mode $2 ("AccessExclusiveLock"), seen without taking one.  Partitions
-- and children count: locking the parent locks them; below a view only the tables that it
-- shows.
-- `age_ms` is that of the transaction: somebody who has been at it for long will not be
-- gone in a moment.
WITH RECURSIVE named (relid) AS (
    SELECT pg_catalog.to_regclass(m.part[1])::pg_catalog.oid
      FROM pg_catalog.regexp_matches($1, '(?:"(?:[^"]|"")*"|[^",[:space:]])+', 'g') AS m (part)
), tree (relid) AS (
    SELECT named.relid FROM named
    UNION
    SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree t ON t.relid = i.inhparent
), target (relid) AS (
    SELECT t.relid FROM tree t
    UNION
    SELECT d.refobjid
      FROM pg_catalog.pg_rewrite w
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid
     WHERE w.ev_class IN (SELECT named.relid FROM named) AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
       AND w.rulename = '_RETURN'
),
-- Postgres' conflict table: a mode conflicts with those listed.
conflict (mode, against) AS (
    VALUES ('AccessExclusiveLock', '{AccessShareLock,RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'::text[]),
           ('ExclusiveLock', '{RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
           ('ShareRowExclusiveLock', '{RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
           ('ShareLock', '{RowExclusiveLock,ShareUpdateExclusiveLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
           ('RowExclusiveLock', '{ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
           ('ShareUpdateExclusiveLock', '{ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}')
)
SELECT l.pid,
       a.usename AS "user",
       a.application_name AS application,
       a.state,
       pg_catalog.left(pg_catalog.regexp_replace(a.query, '\s+', ' ', 'g'), 200) AS query,
       (extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start) * 1000)::pg_catalog.int8 AS age_ms,
       pg_catalog.max(l.mode) AS mode,
       -- Who may not look into other sessions sees of an autovacuum only that it has no user.
       coalesce(a.backend_type = 'autovacuum worker'
                OR a.backend_type IS NULL AND a.usesysid IS NULL AND pg_catalog.max(l.mode) = 'ShareUpdateExclusiveLock', false) AS autovacuum,
       coalesce(a.backend_type = 'autovacuum worker' AND a.query LIKE '%(to prevent wraparound)', false) AS wraparound,
       l.pid IS NULL AS prepared,
       a.pid IS NOT NULL AND a.xact_start IS NULL AS hidden,
       pg_catalog.max(l.virtualtransaction) AS virtualtransaction
  FROM pg_catalog.pg_locks l
  JOIN target t ON t.relid = l.relation
  JOIN conflict c ON c.mode = $2 AND l.mode = ANY (c.against)
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'relation' AND l.granted
   AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
   AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
 GROUP BY l.pid, a.pid, a.usesysid, a.usename, a.application_name, a.state, a.query, a.xact_start, a.backend_type
 ORDER BY a.xact_start;
