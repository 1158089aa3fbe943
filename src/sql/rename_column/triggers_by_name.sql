-- Those that depend on which column bears which name, so that they are made anew when
-- the names are exchanged: who wins in an INSERT, and the meters of the old name.
CREATE TRIGGER :"trigger_insert" BEFORE INSERT ON :rel FOR EACH ROW
    WHEN (CASE WHEN pg_catalog.record_image_ne(ROW(NEW.:"to":cast), ROW(NEW.:"from":cast))
               THEN pg_catalog.record_image_eq(ROW(NEW.:"to":cast), ROW(:given)) ELSE false END)
    EXECUTE FUNCTION :sync('old');
CREATE TRIGGER :"trigger_seen" BEFORE INSERT ON :rel FOR EACH ROW
    WHEN (CASE WHEN :inserted
               THEN pg_catalog.nextval(:'meter'::pg_catalog.regclass) IS NULL ELSE false END)
    EXECUTE FUNCTION :seen();
CREATE TRIGGER :"trigger_used" BEFORE UPDATE OF :"from" ON :rel FOR EACH STATEMENT
    WHEN (pg_catalog.nextval(:'meter'::pg_catalog.regclass) IS NULL)
    EXECUTE FUNCTION :seen();
:trigger_used_row_create
COMMENT ON TRIGGER :"trigger_insert" ON :rel IS :'comment';
COMMENT ON TRIGGER :"trigger_seen" ON :rel IS :'comment';
COMMENT ON TRIGGER :"trigger_used" ON :rel IS :'comment';
ALTER TABLE :rel
    ENABLE ALWAYS TRIGGER :"trigger_insert",
    ENABLE ALWAYS TRIGGER :"trigger_seen",
    ENABLE ALWAYS TRIGGER :"trigger_used";
