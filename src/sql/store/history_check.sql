-- The first history row that is missing, does not follow from the one before, or says
-- something else than what was hashed.
SELECT pg_catalog.min(LEAST(h.seq, h.n)) AS bad
  FROM (SELECT t.seq, pg_catalog.row_number() OVER w - 1 AS n, t.hash, t.prev_hash, t.from_phase, t.from_state,
               pg_catalog.lag(t.hash) OVER w AS before, pg_catalog.lag(t.to_phase) OVER w AS phase_before,
               pg_catalog.lag(t.to_state) OVER w AS state_before,
               orchestrate.transition_hash(t) AS wanted, 
               -- the checksum that the plan was started with
               pg_catalog.decode(COALESCE((SELECT a.before FROM orchestrate.amendment a WHERE a.run = p.run AND a.n = 1),
                                          p.checksum), 'hex') AS origin
          FROM orchestrate.transition t
          JOIN orchestrate.plan p ON p.run = t.run
         WHERE t.run = $1::bigint
        WINDOW w AS (ORDER BY t.seq)) h
 WHERE h.seq <> h.n OR h.hash <> h.wanted OR h.prev_hash <> COALESCE(h.before, h.origin)
    OR (h.from_phase, h.from_state) IS DISTINCT FROM (h.phase_before, h.state_before);
