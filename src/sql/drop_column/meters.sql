-- They count who still writes the column.  The function is never called: the WHEN clauses
-- count, and are false.
CREATE TRIGGER :"trigger_seen" BEFORE INSERT ON :rel FOR EACH ROW
    WHEN (CASE WHEN :inserted
               THEN pg_catalog.nextval(:'meter'::pg_catalog.regclass) IS NULL ELSE false END)
    EXECUTE FUNCTION :seen();
CREATE TRIGGER :"trigger_used" BEFORE UPDATE OF :"column" ON :rel FOR EACH :used_for_each
    WHEN (:meter_of_updates)
    EXECUTE FUNCTION :seen();
COMMENT ON TRIGGER :"trigger_seen" ON :rel IS :'comment';
COMMENT ON TRIGGER :"trigger_used" ON :rel IS :'comment';
ALTER TABLE :rel
    ENABLE ALWAYS TRIGGER :"trigger_seen",
    ENABLE ALWAYS TRIGGER :"trigger_used";
