-- Where each phase stands, since when its present round runs, and when that was over.
SELECT DISTINCT ON (t.to_phase) t.to_phase AS phase, t.to_state AS state,
       CASE WHEN t.to_state <> 'pending' THEN orchestrate.utc(b.at) END AS started_at,
       CASE WHEN t.to_state IN ('done', 'undone') THEN orchestrate.utc(t.at) END AS finished_at
  FROM orchestrate.transition t
  LEFT JOIN LATERAL (SELECT pg_catalog.max(s.at) AS at
                       FROM orchestrate.transition s
                      WHERE s.run = t.run AND s.to_phase = t.to_phase AND s.to_state = 'running'
                        AND s.from_state IN ('pending', 'undone')) b ON true
 WHERE t.run = $1::bigint
 ORDER BY t.to_phase, t.seq DESC;
