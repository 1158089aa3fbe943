-- The other name of the table: a view that can be written to like the table itself.
CREATE VIEW :view:invoker AS SELECT * FROM :at;
COMMENT ON VIEW :view IS :'comment';
DO :'owner_rights';
DO :'copy_defaults';
DO :'copy_rights';
