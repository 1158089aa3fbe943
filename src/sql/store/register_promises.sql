-- $2: the phases as JSON, $3: the first one that is meant.
INSERT INTO orchestrate.promise (run, phase, ord, title, sql)
SELECT $1::bigint, e.n - 1, p.n - 1, p.j ->> 'title', p.j ->> 'sql'
  FROM pg_catalog.jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (j, n)
 CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(e.j -> 'promises') WITH ORDINALITY AS p (j, n)
 WHERE e.n > $3::integer;
