-- What the triggers need, made before the table is locked.  The sequence counts uses
-- of the old name; whoever writes to the table counts, so everybody may.  And whoever
-- writes asks by `filling`, in triggers of the user, whether he is the backfill.
CREATE FUNCTION :sync() RETURNS trigger LANGUAGE plpgsql AS :'sync_body_before';
CREATE FUNCTION :last() RETURNS trigger LANGUAGE plpgsql AS :'last_body';
CREATE FUNCTION :seen() RETURNS trigger LANGUAGE plpgsql AS :'seen_body';
CREATE FUNCTION :filling() RETURNS boolean LANGUAGE sql STABLE AS :'filling_body';
GRANT EXECUTE ON FUNCTION :filling() TO PUBLIC;
CREATE SEQUENCE :meter;
GRANT USAGE ON SEQUENCE :meter TO PUBLIC;
GRANT ALL ON SEQUENCE :meter TO CURRENT_USER; -- which default privileges may have taken away
COMMENT ON FUNCTION :sync() IS :'comment';
COMMENT ON FUNCTION :last() IS :'comment';
COMMENT ON FUNCTION :seen() IS :'comment';
COMMENT ON FUNCTION :filling() IS :'comment';
COMMENT ON SEQUENCE :meter IS :'comment';
