-- Waits for whoever is writing the state of this run.
SELECT p.run FROM orchestrate.plan p WHERE p.run = $1::bigint FOR NO KEY UPDATE;
