-- An expression: is this foreign key there, as it was when the plan was started?
EXISTS (SELECT FROM pg_catalog.pg_constraint k
         WHERE k.conrelid = pg_catalog.to_regclass(:'item_rel') AND k.conname = :'item_name' AND k.contype = 'f'
           AND pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID$', '') = :'item_definition')
