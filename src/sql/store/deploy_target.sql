-- The first call with an id fixes how far that deploy carries the run; later ones are
-- told.  No row: two first calls at once, ask again.  $3 app, $4 target or NULL.
WITH known AS (
    SELECT t.target, t.reached_at IS NOT NULL
                     OR EXISTS (SELECT FROM orchestrate.transition h
                                 WHERE h.run = t.run AND h.to_phase = t.target AND h.to_state = 'done'
                                   AND h.detail ->> 'deploy_id' = t.id) AS reached
      FROM orchestrate.deploy_target t
     WHERE t.run = $1::bigint AND t.id = $2
), began AS (
    INSERT INTO orchestrate.deploy (app, id)
    SELECT $3, $2 WHERE $4::integer IS NOT NULL AND NOT EXISTS (SELECT FROM known)
        ON CONFLICT DO NOTHING
), fixed AS (
    INSERT INTO orchestrate.deploy_target (run, id, app, target)
    SELECT $1::bigint, $2, $3, $4::integer WHERE $4::integer IS NOT NULL AND NOT EXISTS (SELECT FROM known)
        ON CONFLICT DO NOTHING
    RETURNING target
)
SELECT k.target, k.reached FROM known k
UNION ALL
SELECT f.target, false FROM fixed f;
