-- A deploy that takes no step: recorded once, with a line in the history.  $3 app, $4 why.
WITH began AS (
    INSERT INTO orchestrate.deploy (app, id) VALUES ($3, $2)
        ON CONFLICT DO NOTHING
), fixed AS (
    INSERT INTO orchestrate.deploy_target (run, id, app, hold) VALUES ($1::bigint, $2, $3, $4)
        ON CONFLICT DO NOTHING
    RETURNING run, id, hold
)
INSERT INTO orchestrate.event (run, kind, detail)
SELECT f.run, 'deploy_held', pg_catalog.jsonb_build_object('deploy_id', f.id, 'because', f.hold) FROM fixed f;
