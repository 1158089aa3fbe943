-- $2: the settings that the plan makes, as JSON of texts.
INSERT INTO orchestrate.control (run, settings) VALUES ($1::bigint, $2::jsonb);
