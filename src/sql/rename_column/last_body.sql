-- Called only when a trigger of the user changed one of the two, which is rare: then
-- the functions are asked which.  It is the old name, unless only the new one is
-- assigned to by now.
BEGIN
    IF (SELECT pg_catalog.bool_or(w.new_name) AND NOT pg_catalog.bool_or(w.old_name)
          FROM pg_catalog.pg_trigger t
          JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
          JOIN pg_catalog.pg_language l ON l.oid = p.prolang
          CROSS JOIN LATERAL (
               SELECT CASE WHEN l.lanname = 'plpgsql' THEN p.prosrc ~ :'to_assigned'
                           ELSE p.prosrc ~ :'to_word' OR pg_catalog.replace(pg_catalog.encode(t.tgargs, 'escape'), '\000', ' ') ~ :'to_word' END,
                      CASE WHEN l.lanname = 'plpgsql' THEN p.prosrc ~ :'from_assigned'
                           ELSE p.prosrc ~ :'from_word' OR pg_catalog.replace(pg_catalog.encode(t.tgargs, 'escape'), '\000', ' ') ~ :'from_word' END) AS w (new_name, old_name)
         WHERE t.tgrelid = TG_RELID AND NOT t.tgisinternal AND t.tgname !~ :'our_triggers'
           AND t.tgtype::pg_catalog.int4 & 3 = 3) THEN
        NEW.:"from" := NEW.:"to";
    ELSE
        NEW.:"to" := NEW.:"from";
    END IF;
    RETURN NEW;
END
