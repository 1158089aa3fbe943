-- Transitions and events of a run in order of time.
SELECT h.seq, orchestrate.utc(h.at) AS at, h.phase, h.from_state, h.to_state, h.actor, h.kind, h.step,
       h.detail::text AS detail, pg_catalog.encode(h.hash, 'hex') AS hash
  FROM (SELECT t.seq, t.at, f.name AS phase, t.from_state, t.to_state, t.actor, 'transition' AS kind,
               NULL::text AS step, t.detail, t.hash, 0::bigint AS id
          FROM orchestrate.transition t
          JOIN orchestrate.phase f ON f.run = t.run AND f.ord = t.to_phase
         WHERE t.run = $1::bigint
        UNION ALL
        SELECT NULL, e.at, e.phase, NULL, NULL, e.actor, e.kind, e.step, e.detail, NULL, e.id
          FROM orchestrate.event e
         WHERE e.run = $1::bigint) h
 ORDER BY h.at, h.seq NULLS LAST, h.id;
