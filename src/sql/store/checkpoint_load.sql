-- How far this round of the backfill came; nothing of an earlier round counts.
SELECT c.cursor, c.rows, c.total
  FROM orchestrate.checkpoint c
 WHERE c.run = $1::bigint AND c.phase = $2::integer AND c.undo = $3::boolean AND c.ord = $4::integer AND c.job = 0
   AND c.cycle = orchestrate.cycle($1::bigint, $2::integer, $3::boolean);
