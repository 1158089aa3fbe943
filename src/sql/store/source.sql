-- The plan as it was written, to look at the database again with its eyes.
SELECT p.source FROM orchestrate.plan p WHERE p.run = $1::bigint;
