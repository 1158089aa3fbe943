-- What each phase promises.
SELECT p.phase, p.title, p.sql FROM orchestrate.promise p WHERE p.run = $1::bigint ORDER BY p.phase, p.ord;
