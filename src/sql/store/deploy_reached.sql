-- The deploy has carried the run as far as it was to, or found it there.
UPDATE orchestrate.deploy_target t
   SET reached_at = pg_catalog.clock_timestamp()
 WHERE t.run = $1::bigint AND t.id = $2 AND t.reached_at IS NULL
   AND EXISTS (SELECT FROM orchestrate.transition h
                WHERE h.run = t.run AND h.to_phase = t.target AND h.to_state = 'done');
