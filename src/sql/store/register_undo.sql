-- $2: the phases as JSON, $3: whose undo it is, $4: the first of its steps that is not done.
INSERT INTO orchestrate.step
SELECT (pg_catalog.jsonb_populate_record(NULL::orchestrate.step,
            s.j || pg_catalog.jsonb_build_object('run', $1::bigint, 'phase', $3::integer, 'undo', true, 'ord', s.n - 1))).*
  FROM pg_catalog.jsonb_array_elements($2::jsonb -> $3::integer -> 'undo_steps') WITH ORDINALITY AS s (j, n)
 WHERE s.n > $4::integer;
