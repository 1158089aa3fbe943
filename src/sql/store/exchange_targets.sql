-- How far deploys carry the run, in the phases of an edited plan: as far as the phase of
-- that name; if it is left out, as far as the one now in its place, but not to one that
-- came behind it.  What a deploy has done it does not do again.  $2: the phases as JSON.
WITH phases AS (
    SELECT (e.n - 1)::integer AS ord, e.j ->> 'name' AS name
      FROM pg_catalog.jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (j, n)
)
UPDATE orchestrate.deploy_target t
   SET reached_at = coalesce(t.reached_at,
                             (SELECT max(h.at) FROM orchestrate.transition h
                               WHERE h.run = t.run AND h.to_phase = t.target AND h.to_state = 'done'
                                 AND h.detail ->> 'deploy_id' = t.id)),
       target = coalesce((SELECT n.ord FROM phases n WHERE n.name = f.name),
                         (SELECT max(n.ord) FROM phases n
                           WHERE n.ord <= t.target
                             AND NOT EXISTS (SELECT FROM orchestrate.phase b
                                              WHERE b.run = t.run AND b.ord > t.target AND b.name = n.name)),
                         LEAST(t.target, (SELECT max(n.ord) FROM phases n)))
  FROM orchestrate.phase f
 WHERE t.run = $1::bigint AND f.run = t.run AND f.ord = t.target;
