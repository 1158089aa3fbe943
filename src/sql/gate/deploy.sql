-- The code that this phase counts on is out.  With $3 ("confirmed") it is asked in any
-- case; else only after a [deploy] mark, and only of an app whose deploys somebody
-- confirms at all: the others could never pass, so they are told and let through.
WITH asked AS (
    SELECT p.app, p.code_new, f.deploy_before, b.name AS before,
           CASE WHEN p.app = '' THEN '' ELSE ' of ' || p.app END AS of_app,
           $3 IS NOT NULL
           OR f.deploy_before AND EXISTS (SELECT FROM orchestrate.deploy d
                                           WHERE d.app = p.app AND d.status IS NOT NULL) AS needed
      FROM orchestrate.plan p
      JOIN orchestrate.phase f ON f.run = p.run AND f.ord = $2
      LEFT JOIN orchestrate.phase b ON b.run = p.run AND b.ord = $2 - 1
     WHERE p.run = $1
), latest AS (
    SELECT d.* FROM orchestrate.deploys_since($1, $2) d ORDER BY d.ended_at DESC, d.id DESC LIMIT 1
)
SELECT NOT a.needed OR COALESCE(l.status = 'success' AND l.fits, false) AS open,
       CASE WHEN NOT a.needed AND NOT a.deploy_before THEN NULL
            WHEN NOT a.needed
            THEN pg_catalog.format('no deploy%s was ever confirmed: see for yourself that the new code is out', a.of_app)
            WHEN l.id IS NULL
            THEN pg_catalog.format('no deploy%s has ended since %s', a.of_app,
                                   COALESCE('phase ' || a.before || ' was done', 'the plan was started'))
            WHEN l.status <> 'success' THEN pg_catalog.format('deploy %s%s ended as %s', l.id, a.of_app, l.status)
            WHEN l.version IS NULL AND l.fits IS NULL
            THEN pg_catalog.format('deploy %s%s did not say its version; it must be %s', l.id, a.of_app, a.code_new)
            WHEN l.fits IS NULL
            THEN pg_catalog.format('deploy %s%s has version %s, which cannot be compared with %s',
                                   l.id, a.of_app, l.version, a.code_new)
            WHEN NOT l.fits
            THEN pg_catalog.format('deploy %s%s has version %s, which is not %s', l.id, a.of_app, l.version, a.code_new)
       END AS reason,
       CASE WHEN l.id IS NOT NULL
            THEN pg_catalog.jsonb_build_object('deploy', l.id, 'status', l.status, 'version', l.version,
                                               'ended_at', orchestrate.utc(l.ended_at))
            WHEN a.deploy_before AND NOT a.needed THEN '{"confirmed": false}'::jsonb
       END AS evidence,
       NULL::timestamptz AS until
  FROM asked a LEFT JOIN latest l ON true;
