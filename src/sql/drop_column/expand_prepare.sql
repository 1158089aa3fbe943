-- What the meters need, made before the table is locked.  Whoever writes to the table
-- counts, so everybody may.  The comment says how the column was, see facts.sql.
CREATE FUNCTION :seen() RETURNS trigger LANGUAGE plpgsql AS :'seen_body';
CREATE SEQUENCE :meter;
GRANT USAGE ON SEQUENCE :meter TO PUBLIC;
GRANT ALL ON SEQUENCE :meter TO CURRENT_USER; -- which default privileges may have taken away
COMMENT ON FUNCTION :seen() IS :'comment';
COMMENT ON SEQUENCE :meter IS :'meter_comment';
