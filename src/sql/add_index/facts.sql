-- What the statements are made of, with the server's own quoting.  $1 the table's oid,
-- $2 the run, $3 the index's name, $4 its columns (a JSON array), $5 its method, $6 its
-- condition.
SELECT f.name, 0 AS item, f.value
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL (VALUES
       ('relid', c.oid::text),
       ('rel', pg_catalog.format('%I.%I', n.nspname, c.relname)),
       ('name', $3::text),
       ('schema', n.nspname::text),
       ('owner', (SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE r.oid = c.relowner)),
       -- {attempt} is filled in when it runs.
       ('unfinished', pg_catalog.format('_orch_%s_index{attempt}', $2::text)),
       ('ours', pg_catalog.format('^_orch_%s_index__e[0-9]+$', $2::text)),
       ('method', coalesce($5::text, 'btree')),
       ('columns', (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(k.name), ', ' ORDER BY k.place)
                      FROM pg_catalog.jsonb_array_elements_text(coalesce($4, '[]')::pg_catalog.jsonb) WITH ORDINALITY AS k (name, place))),
       ('attnums', (SELECT coalesce(pg_catalog.array_agg(a.attnum ORDER BY k.place), '{}')::text
                      FROM pg_catalog.jsonb_array_elements_text(coalesce($4, '[]')::pg_catalog.jsonb) WITH ORDINALITY AS k (name, place)
                      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = k.name)),
       ('where', coalesce($6::text, '')),
       ('condition', CASE WHEN $6::text IS NULL THEN '' ELSE pg_catalog.format(' WHERE (%s)', $6::text) END)
     ) AS f (name, value)
 WHERE c.oid = $1::pg_catalog.oid;
