-- After the exchange: a row whose names both differ from the default was written by
-- both, and the new name wins; unless the original has got another default since, or
-- has one that is different each time: then only the old name is known to be written.
CREATE TRIGGER :"trigger_insert_both" BEFORE INSERT ON :rel FOR EACH ROW
    WHEN (CASE WHEN pg_catalog.record_image_ne(ROW(NEW.:"to":cast), ROW(NEW.:"from":cast))
               THEN pg_catalog.record_image_ne(ROW(NEW.:"from":cast), ROW(:given)) ELSE false END)
    EXECUTE FUNCTION :sync('both', :'default_mark');
COMMENT ON TRIGGER :"trigger_insert_both" ON :rel IS :'comment';
ALTER TABLE :rel ENABLE ALWAYS TRIGGER :"trigger_insert_both";
