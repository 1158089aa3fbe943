-- The twin, empty.  Until both names are kept in step nobody may write to it: what
-- was written too early could not be told from what the backfill still has to do.
DO :'expand_check';
ALTER TABLE :rel
    ADD COLUMN :"to" :twin_type,
    ADD CONSTRAINT :"wait" CHECK (:"to" IS NOT DISTINCT FROM NULL) NOT VALID;
:twin_settings
COMMENT ON COLUMN :rel.:"to" IS :'comment';
COMMENT ON CONSTRAINT :"wait" ON :rel IS :'comment';
