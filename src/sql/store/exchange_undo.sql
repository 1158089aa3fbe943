-- How phase $3 is undone, as an edited plan says; of an undo that failed.  $2: the phases
-- as JSON; $4: so many steps of the undo are done, and stay.
WITH steps AS (
    DELETE FROM orchestrate.step
     WHERE run = $1::bigint AND phase = $3::integer AND undo AND ord >= $4::integer
)
UPDATE orchestrate.phase f
   SET undo = e.j ->> 'undo', undo_until = e.j ->> 'undo_until'
  FROM (SELECT $2::jsonb -> $3::integer AS j) AS e
 WHERE f.run = $1::bigint AND f.ord = $3::integer
   AND (f.undo, f.undo_until) IS DISTINCT FROM (e.j ->> 'undo', e.j ->> 'undo_until');
