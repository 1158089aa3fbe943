-- $3 has passed since the phase before was done and, when somebody confirms deploys,
-- since the first good one that came with it or after it.  Not since the latest one: a
-- team that deploys ten times a day would never get through.
WITH since AS (
    SELECT orchestrate.phase_since($1, $2) AS done_at, d.id AS deploy, d.ended_at,
           COALESCE('phase ' || b.name || ' was done', 'the plan was started') AS what
      FROM orchestrate.phase f
      LEFT JOIN orchestrate.phase b ON b.run = f.run AND b.ord = f.ord - 1
      LEFT JOIN LATERAL (SELECT s.id, s.ended_at
                           FROM orchestrate.deploys_since($1, $2) s
                          WHERE s.status = 'success' AND s.fits
                          ORDER BY s.ended_at LIMIT 1) d ON true
     WHERE f.run = $1 AND f.ord = $2
), due AS (
    SELECT s.*, GREATEST(s.done_at, s.ended_at) + $3::interval AS until FROM since s
)
SELECT pg_catalog.clock_timestamp() >= d.until AS open,
       CASE WHEN pg_catalog.clock_timestamp() < d.until
            THEN pg_catalog.format('has to soak for %s from %s, when %s', $3,
                                   orchestrate.utc(GREATEST(d.done_at, d.ended_at)),
                                   CASE WHEN d.ended_at > d.done_at
                                        THEN pg_catalog.format('deploy %s was confirmed', d.deploy)
                                        ELSE d.what END)
       END AS reason,
       pg_catalog.jsonb_build_object('phase_done', orchestrate.utc(d.done_at), 'deploy', d.deploy,
                                     'deploy_confirmed', orchestrate.utc(d.ended_at)) AS evidence,
       d.until AS until
  FROM due d;
