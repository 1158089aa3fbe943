-- The plans that $3 names are complete here.  Those that wait for each other in a circle
-- would wait for ever, so that is said.
WITH RECURSIVE latest AS (
    SELECT w.name, w.n, p.run, p.ended_at, f.name AS phase, t.to_state,
           COALESCE(t.to_state = 'done' AND t.to_phase = p.n_phases - 1, false) AS complete
      FROM pg_catalog.jsonb_array_elements_text($3::jsonb) WITH ORDINALITY AS w (name, n)
      LEFT JOIN LATERAL (SELECT q.run, q.ended_at, q.n_phases
                           FROM orchestrate.plan q
                          WHERE q.name = w.name
                          ORDER BY q.ended_at IS NULL DESC, q.run DESC LIMIT 1) p ON true
      LEFT JOIN LATERAL (SELECT h.to_phase, h.to_state
                           FROM orchestrate.transition h
                          WHERE h.run = p.run
                          ORDER BY h.seq DESC LIMIT 1) t ON true
      LEFT JOIN orchestrate.phase f ON f.run = p.run AND f.ord = t.to_phase
), waits AS (
    SELECT l.name AS root, l.run FROM latest l WHERE l.run IS NOT NULL AND l.ended_at IS NULL
    UNION
    SELECT w.root, p.run
      FROM waits w
      JOIN orchestrate.gate g ON g.run = w.run AND g.name = 'after'
           AND NOT EXISTS (SELECT FROM orchestrate.transition t
                            WHERE t.run = g.run AND t.to_phase = g.phase AND t.to_state = 'running')
     CROSS JOIN LATERAL pg_catalog.jsonb_array_elements_text(g.args::jsonb) AS n (name)
      JOIN orchestrate.plan p ON p.name = n.name AND p.ended_at IS NULL
), told AS (
    SELECT l.*,
           CASE WHEN l.run IS NULL THEN pg_catalog.format('plan %s was never started in this database', l.name)
                WHEN l.ended_at IS NOT NULL
                THEN pg_catalog.format('plan %s was %s', l.name,
                                       CASE l.to_state WHEN 'undone' THEN 'undone' ELSE 'given up' END)
                ELSE pg_catalog.format('plan %s is not complete: its phase %s is %s', l.name, l.phase, l.to_state)
                     || CASE WHEN EXISTS (SELECT FROM waits w WHERE w.root = l.name AND w.run = $1)
                             THEN ', and it waits for this plan' ELSE '' END END AS text
      FROM latest l
)
SELECT pg_catalog.bool_and(t.complete) AS open,
       pg_catalog.string_agg(t.text, '; ' ORDER BY t.n) FILTER (WHERE NOT t.complete) AS reason,
       pg_catalog.jsonb_object_agg(t.name, CASE WHEN t.complete THEN 'complete'
                                                WHEN t.run IS NULL THEN 'not started'
                                                WHEN t.ended_at IS NOT NULL THEN 'not complete'
                                                ELSE t.phase || ' ' || t.to_state END) AS evidence,
       NULL::timestamptz AS until
  FROM told t;
