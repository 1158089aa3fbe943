-- A fact worth keeping beside the history.  $2 kind, $3 phase, $4 step, $5 detail.
INSERT INTO orchestrate.event (run, kind, phase, step, detail)
VALUES ($1::bigint, $2, $3, $4, COALESCE($5::jsonb, '{}'));
