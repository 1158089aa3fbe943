-- What is looked at long is looked at before the lock: which key is it, if there is one still?
SELECT pg_catalog.set_config('orchestrate.key',
                             CASE WHEN :item_gone THEN 'gone'
                                  WHEN :item_standing THEN (SELECT k.oid::text FROM pg_catalog.pg_constraint k WHERE k.conrelid = pg_catalog.to_regclass(:'item_rel') AND k.conname = :'item_name')
                                  ELSE 'other' END, true);
