-- The statements as they read here.  $2: the phases as JSON.
UPDATE orchestrate.step k
   SET title = s.j ->> 'title', prepare = s.j ->> 'prepare', next = s.j ->> 'next', sql = s.j ->> 'sql',
       done = s.j ->> 'done', publish = s.j ->> 'publish', leftovers = s.j ->> 'leftovers', guard = s.j ->> 'guard',
       relation = s.j ->> 'relation', role = s.j ->> 'role', parts = s.j ->> 'parts', lock = s.j ->> 'lock', moment = s.j ->> 'moment', risk = s.j ->> 'risk'
  FROM pg_catalog.jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (j, n)
 CROSS JOIN (VALUES (false, 'steps'), (true, 'undo_steps')) AS w (undo, key)
 CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(e.j -> w.key) WITH ORDINALITY AS s (j, n)
 WHERE k.run = $1::bigint AND k.phase = e.n - 1 AND k.undo = w.undo AND k.ord = s.n - 1;
