-- What the gates `deploy` and `soak` ask about rollouts of an application.

-- A version as a text that sorts like versions do; NULL when it is not of the form
-- 1.2.3, v1.2.3-rc1, 1.2+build.  Nothing after the numbers sorts behind a pre-release.
CREATE FUNCTION orchestrate.version_key(version text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT (SELECT string_agg(lpad(u.part, 18, '0'), '.' ORDER BY u.n)
              FROM unnest(string_to_array(m.part[1], '.') || array_fill('0'::text, ARRAY[8]))
                   WITH ORDINALITY AS u (part, n)
             WHERE u.n <= 8)
           || coalesce('-' || (SELECT string_agg(CASE WHEN t.token[1] ~ '^[0-9]' THEN lpad(t.token[1], 18, '0')
                                                      ELSE t.token[1] END, '' ORDER BY t.n)
                                 FROM regexp_matches(m.part[2], '[0-9]+|[^0-9]+', 'g') WITH ORDINALITY AS t (token, n)),
                       '~')
      FROM regexp_match(version, '^v?([0-9]{1,18}(?:\.[0-9]{1,18})*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$')
           AS m (part)
     WHERE m.part IS NOT NULL
$$;

-- Does a version satisfy ">=2.4.0" or ">=2.4,<3"?  NULL: it cannot be compared.
CREATE FUNCTION orchestrate.version_satisfies(version text, wanted text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN bool_or(c.holds IS NULL) THEN NULL ELSE bool_and(c.holds) END
      FROM (SELECT CASE m.part[1] WHEN '>=' THEN k.a >= k.b WHEN '<=' THEN k.a <= k.b WHEN '>' THEN k.a > k.b
                                  WHEN '<' THEN k.a < k.b WHEN '=' THEN coalesce(k.a = k.b, version = m.part[2]) END
              FROM regexp_split_to_table(wanted, '[ ,]+') AS w (item)
              LEFT JOIN LATERAL regexp_match(w.item, '^(>=|<=|>|<|=)(.+)$') AS m (part) ON true
              LEFT JOIN LATERAL (SELECT orchestrate.version_key(version) COLLATE "C" AS a,
                                        orchestrate.version_key(m.part[2]) COLLATE "C" AS b) AS k ON true
             WHERE w.item <> '') AS c (holds)
$$;

-- When the phase before this one was done; for the first one, when the plan was started.
CREATE FUNCTION orchestrate.phase_since(of_run bigint, of_phase integer) RETURNS timestamptz
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN of_phase = 0 THEN (SELECT p.started_at FROM orchestrate.plan p WHERE p.run = of_run)
                ELSE (SELECT t.at FROM orchestrate.transition t
                       WHERE t.run = of_run AND t.to_phase = of_phase - 1 AND t.to_state = 'done'
                       ORDER BY t.seq DESC LIMIT 1) END
$$;

-- Ended deploys of the run's app that carried the phase before this one, or began
-- after it was done.  One that carried it but was out before it was done (a worker
-- finished it) has not waited for it, and does not count.  `fits`: the version is one that the plan counts on; NULL: it
-- cannot be told.  A skipped deploy has changed nothing, so it is not one.
CREATE FUNCTION orchestrate.deploys_since(of_run bigint, of_phase integer)
    RETURNS TABLE (id text, status text, version text, ended_at timestamptz, fits boolean)
    LANGUAGE sql STABLE
    SET search_path = pg_catalog, pg_temp
AS $$
    SELECT d.id, d.status, d.version, d.ended_at,
           CASE WHEN p.code_new IS NULL THEN true ELSE orchestrate.version_satisfies(d.version, p.code_new) END
      FROM orchestrate.plan p
      JOIN orchestrate.deploy d ON d.app = p.app AND d.status <> 'skipped'
      LEFT JOIN LATERAL (SELECT t.at, t.detail ->> 'deploy_id' AS deploy
                           FROM orchestrate.transition t
                          WHERE t.run = p.run AND t.to_phase = of_phase - 1 AND t.to_state = 'done'
                          ORDER BY t.seq DESC LIMIT 1) AS before ON true
     WHERE p.run = of_run
       AND (d.id = before.deploy AND d.ended_at >= before.at
            OR d.started_at >= CASE WHEN of_phase = 0 THEN p.started_at ELSE before.at END)
$$;
