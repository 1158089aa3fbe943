-- The live run of a name, else its latest.
SELECT p.run FROM orchestrate.plan p WHERE p.name = $1 ORDER BY p.ended_at IS NULL DESC, p.run DESC LIMIT 1;
