-- $2: the phases as JSON, each with all that it consists of, so that its checksum
-- covers every statement that approving it approves.  $3: the first one that is meant.
INSERT INTO orchestrate.phase (run, ord, name, note, deploy_before, undo, undo_until, undo_with_previous, checksum)
SELECT $1::bigint, e.n - 1, e.j ->> 'name', e.j ->> 'note', (e.j ->> 'deploy_before')::boolean, e.j ->> 'undo',
       e.j ->> 'undo_until', (e.j ->> 'undo_with_previous')::boolean,
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(e.j::text, 'UTF8')), 'hex')
  FROM pg_catalog.jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (j, n)
 WHERE e.n > $3::integer;
