INSERT INTO orchestrate.event (run, kind, phase, step, detail)
VALUES ($1::bigint, $2, $3, $4, COALESCE($5::jsonb, '{}'));
