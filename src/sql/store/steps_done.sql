-- The recorded steps of a phase's present round.  $2 phase, $3 undo.
SELECT r.ord
  FROM orchestrate.step_record r
 WHERE r.run = $1::bigint AND r.phase = $2::integer AND r.undo = $3::boolean
   AND r.cycle = orchestrate.cycle($1::bigint, $2::integer, $3::boolean);
