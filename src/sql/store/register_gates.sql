-- $2: the phases as JSON, $3: the first one that is meant.
INSERT INTO orchestrate.gate (run, phase, ord, name, sql, args, always, overridable, must_hold, change)
SELECT $1::bigint, e.n - 1, g.n - 1, g.j ->> 'name', g.j ->> 'sql', g.j ->> 'args', (g.j ->> 'always')::boolean,
       (g.j ->> 'overridable')::boolean, (g.j ->> 'check')::boolean, (g.j ->> 'change')::integer
  FROM pg_catalog.jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (j, n)
 CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(e.j -> 'gates') WITH ORDINALITY AS g (j, n)
 WHERE e.n > $3::integer;
