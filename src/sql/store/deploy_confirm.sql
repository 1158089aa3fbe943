-- How a deploy ended, and a line in the history of every live run of the app.
-- $1 app, $2 id, $3 status, $4 version or NULL.
WITH ended AS (
    INSERT INTO orchestrate.deploy AS d (app, id, status, version, ended_at)
    VALUES ($1, $2, $3, $4, pg_catalog.clock_timestamp())
        ON CONFLICT (app, id) DO UPDATE
       SET status = EXCLUDED.status,
           version = COALESCE(EXCLUDED.version, d.version),
           ended_at = CASE WHEN d.status = EXCLUDED.status THEN d.ended_at ELSE EXCLUDED.ended_at END
    RETURNING d.app, d.id, d.status, d.version
)
INSERT INTO orchestrate.event (run, kind, detail)
SELECT p.run, 'deploy_confirmed',
       pg_catalog.jsonb_build_object('deploy_id', e.id, 'status', e.status, 'version', e.version)
  FROM ended e
  JOIN orchestrate.plan p ON p.app = e.app AND p.ended_at IS NULL;
