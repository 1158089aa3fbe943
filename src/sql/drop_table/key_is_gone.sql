-- An expression, of the foreign key k.j: was it gone when retire began, as the meter's comment
-- says, or is its table gone by now, or a column on either side?  Columns are known by their
-- numbers, so that one that is called otherwise is not taken for one that is gone.
(pg_catalog.to_regclass(pg_catalog.format('%I.%I', k.j ->> 'schema', k.j ->> 'relation')) IS NULL
 OR coalesce(pg_catalog.substring(pg_catalog.obj_description(pg_catalog.to_regclass(:'meter')::pg_catalog.oid, 'pg_class'), ': ({.*})$')::pg_catalog.jsonb
             -> 'gone' ? pg_catalog.format('%I.%I %I', k.j ->> 'schema', k.j ->> 'relation', k.j ->> 'name'), false)
 OR EXISTS (SELECT FROM pg_catalog.jsonb_array_elements(k.j -> 'columns') c (j)
              JOIN pg_catalog.pg_attribute a ON a.attrelid = (k.j ->> (c.j ->> 'of'))::pg_catalog.oid AND a.attnum = (c.j ->> 'num')::pg_catalog.int2
             WHERE a.attisdropped))
