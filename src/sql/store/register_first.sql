-- The first history row seals the program.  $2 attempt, $3 detail.
INSERT INTO orchestrate.transition (run, seq, to_phase, to_state, epoch, attempt, detail)
VALUES ($1::bigint, 0, 0, 'pending', 0, $2::uuid, $3::jsonb);
