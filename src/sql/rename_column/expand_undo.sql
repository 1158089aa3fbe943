-- Nobody could write to the twin: nothing is lost with it.
DO :'expanded_check';
ALTER TABLE :rel
    DROP CONSTRAINT :"wait",
    DROP COLUMN :"to";
