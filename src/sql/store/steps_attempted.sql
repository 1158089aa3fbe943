-- The steps of phase $2 that may have happened in its present round, recorded or not.
SELECT s.ord
  FROM orchestrate.step s
 WHERE s.run = $1::bigint AND s.phase = $2::integer AND NOT s.undo
   AND orchestrate.attempted(s.run, s.phase, s.ord);
