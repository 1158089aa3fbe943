-- The phases of the stored program.
SELECT f.name, f.note, f.deploy_before, f.undo, f.undo_until, f.undo_with_previous
  FROM orchestrate.phase f
 WHERE f.run = $1::bigint
 ORDER BY f.ord;
