-- An expression: was this foreign key gone when retire began, as the meter's comment says, or
-- is its table gone by now?  Then the way back has nothing to make.
(pg_catalog.to_regclass(:'item_rel') IS NULL
 OR coalesce(pg_catalog.substring(pg_catalog.obj_description(pg_catalog.to_regclass(:'meter')::pg_catalog.oid, 'pg_class'), ': ({.*})$')::pg_catalog.jsonb
             -> 'gone' ? pg_catalog.format('%s %I', :'item_rel', :'item_name'), false))
