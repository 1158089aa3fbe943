-- How far deploys under way carry the run, in the phases of an edited plan: as far as the
-- phase of that name, or to the last one.  $2: the phases as JSON.
WITH phases AS (
    SELECT (e.n - 1)::integer AS ord, e.j ->> 'name' AS name
      FROM pg_catalog.jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (j, n)
)
UPDATE orchestrate.deploy_target t
   SET target = coalesce((SELECT n.ord FROM phases n WHERE n.name = f.name),
                         LEAST(t.target, (SELECT max(n.ord) FROM phases n)))
  FROM orchestrate.phase f
 WHERE t.run = $1::bigint AND t.reached_at IS NULL AND f.run = t.run AND f.ord = t.target;
