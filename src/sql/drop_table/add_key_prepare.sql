-- What is looked at long is looked at before the lock: is something in the way, and is there
-- anything to be made?
DO :'item_free';
SELECT pg_catalog.set_config('orchestrate.key', CASE WHEN :item_gone THEN 'gone' WHEN :item_standing THEN 'standing' ELSE '' END, true);
