-- Called only when the two differ.  Rules that need the columns' default stand in
-- the WHEN clauses of the triggers, where names were looked up once and for all: in
-- here they are looked up as the application, along its search_path, which is why
-- even operators are written as functions of pg_catalog.
BEGIN
    IF pg_catalog.texteq(TG_OP, 'INSERT') THEN
        IF pg_catalog.int4eq(TG_NARGS, 1) THEN
            -- The new name was left to its default: the old one was written, or neither.
            NEW.:"to" := NEW.:"from";
        ELSIF pg_catalog.int4eq(TG_NARGS, 2) THEN
            -- Neither is the default that was recorded.  If that still is the default,
            -- both were written, and below the new name wins.
            IF pg_catalog.textne(TG_ARGV[1], coalesce(
                   (SELECT d.oid::pg_catalog.text FROM pg_catalog.pg_attrdef d
                     WHERE d.adrelid OPERATOR(pg_catalog.=) :relid AND d.adnum OPERATOR(pg_catalog.=) :attnum), 'none')) THEN
                NEW.:"to" := NEW.:"from";
            END IF;
        ELSE
            NEW.:"from" := NEW.:"to";
        END IF;
    ELSIF pg_catalog.record_image_ne(ROW(NEW.:"to"), ROW(OLD.:"to")) THEN
        NEW.:"from" := NEW.:"to"; -- also when both were written: the new name wins
    ELSIF pg_catalog.record_image_ne(ROW(NEW.:"from"), ROW(OLD.:"from")) THEN
        NEW.:"to" := NEW.:"from";
    ELSE
        NEW.:"twin" := NEW.:"original"; -- neither was written: a row that the backfill has not reached
    END IF;
    RETURN NEW;
END
