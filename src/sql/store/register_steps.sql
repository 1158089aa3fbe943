-- $2: the phases as JSON, $3: the first one that is meant.
INSERT INTO orchestrate.step (run, phase, undo, ord, id, kind, title, prepare, next, sql, done, publish, leftovers, guard,
                              relation, role, parts, custom, loses, lock, moment, risk)
SELECT $1::bigint, e.n - 1, w.undo, s.n - 1, s.j ->> 'id', s.j ->> 'kind', s.j ->> 'title', s.j ->> 'prepare', s.j ->> 'next',
       s.j ->> 'sql', s.j ->> 'done', s.j ->> 'publish', s.j ->> 'leftovers', s.j ->> 'guard', s.j ->> 'relation',
       s.j ->> 'role', s.j ->> 'parts', (s.j ->> 'custom')::boolean, (s.j ->> 'loses')::boolean, s.j ->> 'lock', s.j ->> 'moment', s.j ->> 'risk'
  FROM pg_catalog.jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (j, n)
 CROSS JOIN (VALUES (false, 'steps'), (true, 'undo_steps')) AS w (undo, key)
 CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(e.j -> w.key) WITH ORDINALITY AS s (j, n)
 WHERE e.n > $3::integer;
