-- Called only when a trigger of the user changed one of the two, which is rare: then
-- the functions are asked which.  It is the old name, unless only the new one is
-- assigned to by now.
BEGIN
    IF (SELECT pg_catalog.bool_or(w.new_name) AND NOT pg_catalog.bool_or(w.old_name)
          FROM pg_catalog.pg_trigger t
          JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) t.tgfoid
          JOIN pg_catalog.pg_language l ON l.oid OPERATOR(pg_catalog.=) p.prolang
          CROSS JOIN LATERAL (
               SELECT pg_catalog.replace(pg_catalog.encode(t.tgargs, 'escape'), '\000', ' ')) AS a (args)
          CROSS JOIN LATERAL (
               SELECT CASE WHEN pg_catalog.nameeqtext(l.lanname, 'plpgsql') THEN pg_catalog.textregexeq(p.prosrc, :'to_assigned')
                           ELSE pg_catalog.textregexeq(p.prosrc, :'to_word') OR pg_catalog.textregexeq(a.args, :'to_word') END,
                      CASE WHEN pg_catalog.nameeqtext(l.lanname, 'plpgsql') THEN pg_catalog.textregexeq(p.prosrc, :'from_assigned')
                           ELSE pg_catalog.textregexeq(p.prosrc, :'from_word') OR pg_catalog.textregexeq(a.args, :'from_word') END) AS w (new_name, old_name)
         WHERE t.tgrelid OPERATOR(pg_catalog.=) TG_RELID AND NOT t.tgisinternal
           AND pg_catalog.nameregexne(t.tgname, :'our_triggers')
           AND pg_catalog.int4eq(pg_catalog.int4and(t.tgtype::pg_catalog.int4, 3), 3)) THEN
        NEW.:"from" := NEW.:"to";
    ELSE
        NEW.:"to" := NEW.:"from";
    END IF;
    RETURN NEW;
END
