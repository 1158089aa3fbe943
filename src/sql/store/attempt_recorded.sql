-- Was anything of this attempt committed?  Asked while the plan row is held, so that
-- no transaction of it can still be in flight.
SELECT EXISTS (SELECT FROM orchestrate.transition t WHERE t.run = $1::bigint AND t.attempt = $2::uuid)
       OR EXISTS (SELECT FROM orchestrate.step_record r WHERE r.run = $1::bigint AND r.attempt = $2::uuid) AS recorded;
