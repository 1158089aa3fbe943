-- The old name goes, the data stays: the twin is set aside under a name that nobody
-- uses, and the triggers of the user are what they were.
DO :'retire_check';
DO :'user_triggers_restored_after';
DROP TRIGGER :"trigger_first" ON :rel;
DROP TRIGGER :"trigger_last" ON :rel;
DROP TRIGGER :"trigger_insert" ON :rel;
DROP TRIGGER :"trigger_insert_both" ON :rel;
DROP TRIGGER :"trigger_seen" ON :rel;
DROP TRIGGER :"trigger_used" ON :rel;
:trigger_used_row_drop
:trigger_fill_drop
ALTER TABLE :rel
    DROP CONSTRAINT :"equal",
    ALTER COLUMN :"from" DROP DEFAULT;
:bury
