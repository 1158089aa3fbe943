-- Dual writes and the twin go together: without the triggers the twin would be a
-- column that loses writes.  Everything it holds stands in the original as well.
DO :'paired_check';
DO :'user_triggers_restored_before';
DROP TRIGGER :"trigger_first" ON :rel;
DROP TRIGGER :"trigger_last" ON :rel;
DROP TRIGGER :"trigger_insert" ON :rel;
DROP TRIGGER :"trigger_seen" ON :rel;
DROP TRIGGER :"trigger_used" ON :rel;
:trigger_used_row_drop
:trigger_fill_drop
ALTER TABLE :rel
    DROP CONSTRAINT IF EXISTS :"equal",
    DROP COLUMN :"to";
DROP FUNCTION :sync();
DROP FUNCTION :last();
DROP FUNCTION :seen();
DROP FUNCTION :filling();
DROP SEQUENCE :meter;
