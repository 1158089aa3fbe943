-- snapshot: nobody may still see the table as it was before the last batch of the
-- backfill; after the switch the old name would be empty for him.  A transaction
-- that began after verify did cannot; of the others, those whose snapshot we may see
-- are judged by it, the rest are waited for.
WITH filled AS (
    SELECT x.xid, x.at FROM (
    SELECT t.xid, t.at
      FROM orchestrate.transition t
      JOIN orchestrate.phase p ON p.run = t.run AND p.ord = t.to_phase
     WHERE t.run = $1 AND p.name = 'backfill' AND t.to_state = 'done'
     UNION ALL -- numbers of transactions mean nothing in another system: there it counts from the adoption
    SELECT a.xid, a.at FROM orchestrate.amendment a WHERE a.run = $1 AND a.kind = 'adopt') x
     ORDER BY x.at DESC
     LIMIT 1
), noted AS (
    SELECT e.evidence -> 'open' AS open
      FROM orchestrate.gate_evidence e
      JOIN orchestrate.phase p ON p.run = e.run AND p.ord = e.phase
      JOIN filled ON e.at > filled.at
     WHERE e.run = $1 AND p.name = 'verify' AND e.gate = 'snapshot'
     ORDER BY e.id
     LIMIT 1
), holder AS (
    SELECT pg_catalog.format('pid %s (%s%s)', a.pid, a.usename, ', ' || nullif(a.application_name, '')) AS who
      FROM pg_catalog.pg_locks l
      JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
      CROSS JOIN filled
      LEFT JOIN noted ON true
     WHERE l.locktype = 'virtualxid' AND l.granted AND l.pid <> pg_catalog.pg_backend_pid()
       AND a.datname = pg_catalog.current_database() AND a.usesysid IS NOT NULL
       AND coalesce(noted.open ? l.virtualtransaction, true)
       AND (a.backend_type IS NULL -- not ours to see
            OR pg_catalog.age(a.backend_xmin) >= pg_catalog.age(filled.xid::pg_catalog.xid))
     UNION ALL
    SELECT pg_catalog.format('prepared transaction %s (%s)', x.gid, x.owner)
      FROM pg_catalog.pg_prepared_xacts x, filled
     WHERE x.database = pg_catalog.current_database()
       AND pg_catalog.age(x.transaction) >= pg_catalog.age(filled.xid::pg_catalog.xid)
     UNION ALL
    SELECT pg_catalog.format('standby behind replication slot %s', s.slot_name)
      FROM pg_catalog.pg_replication_slots s, filled
     WHERE pg_catalog.age(s.xmin) >= pg_catalog.age(filled.xid::pg_catalog.xid)
     UNION ALL
    SELECT pg_catalog.format('standby %s', r.application_name)
      FROM pg_catalog.pg_stat_replication r, filled
     WHERE pg_catalog.age(r.backend_xmin) >= pg_catalog.age(filled.xid::pg_catalog.xid)
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN 'nobody sees the table as it was before the backfill ended'
            ELSE pg_catalog.format('%s may still see the table as it was before the backfill ended: %s', CASE pg_catalog.count(*) WHEN 1 THEN 'one transaction' ELSE pg_catalog.count(*) || ' transactions' END,
                                   pg_catalog.string_agg(who, ', ' ORDER BY who)) END AS reason,
       pg_catalog.jsonb_build_object('holders', coalesce(pg_catalog.jsonb_agg(who ORDER BY who), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM holder;
