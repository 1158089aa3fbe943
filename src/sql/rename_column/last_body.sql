-- Called only when a trigger of the user changed one of the two.  That is the old
-- name, unless the functions of such triggers name the new one only, by now.
BEGIN
    IF (SELECT pg_catalog.bool_or(p.prosrc ~ :'to_field') AND NOT pg_catalog.bool_or(p.prosrc ~ :'from_field')
          FROM pg_catalog.pg_trigger t
          JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
         WHERE t.tgrelid = TG_RELID AND NOT t.tgisinternal AND t.tgname !~ :'our_triggers') THEN
        NEW.:"from" := NEW.:"to";
    ELSE
        NEW.:"to" := NEW.:"from";
    END IF;
    RETURN NEW;
END
