-- They depend on the column, and would keep it from being dropped.
DROP TRIGGER :"trigger_seen" ON :rel;
DROP TRIGGER :"trigger_used" ON :rel;
