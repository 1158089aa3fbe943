-- What has become of the foreign keys that reference the table.
SELECT true AS ok,
       pg_catalog.format(CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_constraint c
                                            WHERE c.conrelid = pg_catalog.to_regclass(k.rel) AND c.conname = k.j ->> 'name' AND c.contype = 'f'
                                              AND pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(c.oid), ' NOT VALID$', '') = k.j ->> 'definition')
                              THEN 'the foreign key %I of %s is there'
                              ELSE 'the foreign key %I of %s is gone: somebody has dropped it, or its table; it counts as dropped, and no way back makes it again' END,
                         k.j ->> 'name', k.rel) AS text
  FROM (SELECT k.j, pg_catalog.format('%I.%I', k.j ->> 'schema', k.j ->> 'relation')
          FROM pg_catalog.jsonb_array_elements(:'memory'::pg_catalog.jsonb -> 'keys') k (j)) AS k (j, rel);
