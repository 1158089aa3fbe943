-- An expression, of the foreign key k.j: is it there, as it was when the plan was started?
EXISTS (SELECT FROM pg_catalog.pg_constraint s
         WHERE s.conrelid = pg_catalog.to_regclass(pg_catalog.format('%I.%I', k.j ->> 'schema', k.j ->> 'relation')) AND s.conname = k.j ->> 'name' AND s.contype = 'f'
           AND pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(s.oid), ' NOT VALID$', '') = k.j ->> 'definition')
