-- Where each phase stands, since when its present round runs, and when that was over.
-- Nothing of another phase that was undone in its place.
WITH latest AS (
    SELECT t.to_phase AS phase, pg_catalog.max(t.seq) AS seq,
           pg_catalog.max(t.seq) FILTER (WHERE t.to_state = 'running' AND t.from_state IN ('pending', 'undone')) AS began
      FROM orchestrate.transition t
     WHERE t.run = $1::bigint
     GROUP BY t.to_phase
)
SELECT l.phase, t.to_state AS state, orchestrate.utc(b.at) AS started_at,
       CASE WHEN t.to_state IN ('done', 'undone') THEN orchestrate.utc(t.at) END AS finished_at
  FROM latest l
  JOIN orchestrate.transition t ON t.run = $1::bigint AND t.seq = l.seq
  JOIN orchestrate.phase f ON f.run = t.run AND f.ord = t.to_phase AND f.name = t.phase_name
  LEFT JOIN orchestrate.transition b ON b.run = $1::bigint AND b.seq = l.began;
