-- old_name_idle: the statistics count no use of the table within $3 (10 minutes when the
-- plan does not say).  They only count; when the count last moved is what earlier looks
-- noted.  Where they were reset since expand nothing is known from before: the server says
-- when it was (or that it has lost them, in a crash), and a count below the baseline or below
-- what was noted last says so, too.
WITH base AS (
    SELECT pg_catalog.pg_sequence_last_value(pg_catalog.to_regclass(:'meter')) AS line,
           (SELECT pg_catalog.max(t.at) FROM orchestrate.transition t WHERE t.run = $1 AND t.phase_name = 'expand' AND t.to_state = 'running') AS at,
           (SELECT greatest(d.stats_reset, b.stats_reset)
              FROM pg_catalog.pg_stat_database d, pg_catalog.pg_stat_bgwriter b
             WHERE d.datname = pg_catalog.current_database()) AS reset_at
), noted AS (
    SELECT (e.evidence ->> 'uses')::pg_catalog.int8 AS uses, (e.evidence ->> 'reset')::boolean AS reset, (e.evidence ->> 'since')::pg_catalog.timestamptz AS since
      FROM orchestrate.gate_evidence e, base
     WHERE e.run = $1 AND e.phase = $2 AND e.gate = 'old_name_idle' AND e.evidence ->> 'meter' = :'meter' AND e.at >= base.at
     ORDER BY e.id DESC
     LIMIT 1
), counted AS (
    SELECT base.line IS NOT NULL AS there, base.line, base.reset_at, now.uses AS now,
           coalesce(now.uses < base.line OR base.reset_at > base.at OR noted.reset OR now.uses < noted.uses + base.line, false) AS reset
      FROM base CROSS JOIN (:uses) AS now (uses) LEFT JOIN noted ON true
), used AS (
    SELECT counted.there, counted.reset, counted.reset_at,
           CASE WHEN counted.reset THEN counted.now ELSE counted.now - counted.line END AS uses,
           coalesce($3::text, '10m')::pg_catalog.interval AS wanted
      FROM counted
), idle AS (
    SELECT used.*,
           CASE WHEN noted.uses = used.uses AND noted.reset = used.reset THEN greatest(noted.since, pg_catalog.date_trunc('second', used.reset_at))
                ELSE pg_catalog.date_trunc('second', pg_catalog.clock_timestamp()) END AS since
      FROM used LEFT JOIN noted ON true
)
SELECT coalesce(there AND ((uses = 0 AND NOT reset) OR since + wanted <= pg_catalog.clock_timestamp()), false) AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = :relid) AS open,
       CASE WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = :relid)
            THEN pg_catalog.format('%s is gone, somebody has dropped it: there is nothing left for this plan to do (orchestrate repair, --forget)', :'rel')
            WHEN NOT there THEN pg_catalog.format('the meter %s is missing, so nothing is known of uses: undo expand and do it again, or override this', :'meter')
            WHEN uses = 0 AND NOT reset THEN pg_catalog.format('the statistics count no use of %s since expand', :'rel')
            ELSE pg_catalog.format('the statistics count %s of %s since %s; the count has not moved since %s%s',
                                   CASE uses WHEN 1 THEN 'one use' ELSE uses || ' uses' END, :'rel',
                                   CASE WHEN reset THEN 'they were reset' ELSE 'expand' END, orchestrate.utc(since),
                                   CASE WHEN :'keys' <> '' THEN '; foreign keys count with each row written there: ' || :'keys' ELSE '' END) END AS reason,
       pg_catalog.jsonb_build_object('meter', :'meter', 'uses', uses, 'reset', reset, 'since', since) AS evidence,
       CASE WHEN there AND (uses > 0 OR reset) AND since + wanted > pg_catalog.clock_timestamp() AND EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = :relid) THEN since + wanted END AS until
  FROM idle;
