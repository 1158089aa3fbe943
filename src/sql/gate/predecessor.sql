-- The phases before this one are done.  The history is a chain, so its last row tells.
SELECT CASE WHEN t.to_state = 'done' THEN t.to_phase ELSE t.to_phase - 1 END >= f.ord - 1 AS open,
       CASE WHEN CASE WHEN t.to_state = 'done' THEN t.to_phase ELSE t.to_phase - 1 END < f.ord - 1
            THEN CASE WHEN t.to_state = 'done' THEN pg_catalog.format('phase %s is not done yet', n.name)
                      ELSE pg_catalog.format('phase %s is %s', s.name, t.to_state) END END AS reason,
       pg_catalog.jsonb_build_object('phase', s.name, 'state', t.to_state) AS evidence,
       NULL::timestamptz AS until
  FROM orchestrate.phase f
  JOIN LATERAL (SELECT h.to_phase, h.to_state
                  FROM orchestrate.transition h
                 WHERE h.run = f.run
                 ORDER BY h.seq DESC LIMIT 1) t ON true
  JOIN orchestrate.phase s ON s.run = f.run AND s.ord = t.to_phase
  LEFT JOIN orchestrate.phase n ON n.run = f.run AND n.ord = t.to_phase + 1
 WHERE f.run = $1 AND f.ord = $2;
