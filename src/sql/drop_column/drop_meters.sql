-- They depend on the column, and would keep it from being dropped.  Where somebody has
-- dropped one already, there is a way back and on all the same.
DROP TRIGGER IF EXISTS :"trigger_seen" ON :rel;
DROP TRIGGER IF EXISTS :"trigger_used" ON :rel;
