-- The first call with an id fixes how far that deploy carries the run; later ones are
-- told.  No row: two first calls at once, ask again.  $3 app, $4 target or NULL, $5 the
-- --to that it comes from.  `by`: which deploy did the target last.
WITH known AS (
    SELECT t.target, t.wanted, t.hold,
           t.reached_at IS NOT NULL
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
    INSERT INTO orchestrate.deploy_target (run, id, app, target, wanted)
    SELECT $1::bigint, $2, $3, $4::integer, $5 WHERE $4::integer IS NOT NULL AND NOT EXISTS (SELECT FROM known)
        ON CONFLICT DO NOTHING
    RETURNING target, wanted
), found AS (
    SELECT k.target, k.wanted, k.hold, k.reached FROM known k
    UNION ALL
    SELECT f.target, f.wanted, NULL, false FROM fixed f
)
SELECT f.*,
       (SELECT h.detail ->> 'deploy_id' FROM orchestrate.transition h
         WHERE h.run = $1::bigint AND h.to_phase = f.target AND h.to_state = 'done'
         ORDER BY h.seq DESC LIMIT 1) AS by
  FROM found f;
