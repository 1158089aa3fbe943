-- Transitions, events and approvals of a run in order of time.
SELECT h.seq, orchestrate.utc(h.at) AS at, h.phase, h.from_state, h.to_state, h.actor, h.kind, h.step,
       h.detail::text AS detail, pg_catalog.encode(h.hash, 'hex') AS hash
  FROM (SELECT t.seq, t.at, t.phase_name AS phase, t.from_state, t.to_state, t.actor, 'transition' AS kind,
               NULL::text AS step, t.detail, t.hash, 0::bigint AS id
          FROM orchestrate.transition t
         WHERE t.run = $1::bigint
        UNION ALL
        SELECT NULL, e.at, e.phase, NULL, NULL, e.actor, e.kind, e.step, e.detail, NULL, e.id
          FROM orchestrate.event e
         WHERE e.run = $1::bigint
        UNION ALL
        SELECT NULL, a.at, a.phase_name, NULL, NULL, a.approver,
               CASE WHEN a.revokes THEN 'approval_revoked' WHEN a.consent THEN 'consented' ELSE 'approved' END, NULL,
               pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('because', a.because)), NULL, a.id
          FROM orchestrate.approval a
         WHERE a.run = $1::bigint) h
 ORDER BY h.at, h.seq NULLS LAST, h.id;
