-- Which other run has the table $1, or is registered to want it: a conflict that is
-- better known before `advance` meets it.  $2 the own run, $3 plans that it waits for.
SELECT p.name, c.relation, c.taken_at IS NOT NULL AS taken
  FROM orchestrate.claim c
  JOIN orchestrate.plan p ON p.run = c.run
 WHERE c.relid = $1::oid AND c.run <> $2::bigint AND c.released_at IS NULL AND NOT c.shared AND p.ended_at IS NULL
   AND NOT COALESCE(pg_catalog.jsonb_exists($3::jsonb, p.name), false)
 ORDER BY c.taken_at NULLS LAST, c.run
 LIMIT 1;
