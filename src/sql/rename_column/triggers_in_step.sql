-- First and last of all BEFORE triggers: what the application wrote under one name
-- goes to the other before any trigger of the user sees it, and what those change
-- is carried over after them.  To compare is to read both, which for wide columns costs
-- more than the rest of an update: those are compared only where one of them is named
-- (and a further trigger fills what is missing).
CREATE TRIGGER :"trigger_first" BEFORE INSERT OR UPDATE :of_first ON :rel FOR EACH ROW
    WHEN (pg_catalog.record_image_ne(ROW(NEW.:"to":cast), ROW(NEW.:"from":cast)))
    EXECUTE FUNCTION :sync();
CREATE TRIGGER :"trigger_last" BEFORE INSERT OR UPDATE :of_last ON :rel FOR EACH ROW
    WHEN (pg_catalog.record_image_ne(ROW(NEW.:"to":cast), ROW(NEW.:"from":cast)))
    EXECUTE FUNCTION :last();
COMMENT ON TRIGGER :"trigger_first" ON :rel IS :'comment';
COMMENT ON TRIGGER :"trigger_last" ON :rel IS :'comment';
ALTER TABLE :rel
    ENABLE ALWAYS TRIGGER :"trigger_first",
    ENABLE ALWAYS TRIGGER :"trigger_last";
