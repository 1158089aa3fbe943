-- No trigger has held them since retire, so whoever owns the schema may have dropped them and put
-- others in their place, which all that write would call: then this fails, since they are his.
CREATE OR REPLACE FUNCTION :sync() RETURNS trigger LANGUAGE plpgsql AS :'sync_body_after';
CREATE OR REPLACE FUNCTION :last() RETURNS trigger LANGUAGE plpgsql AS :'last_body';
CREATE OR REPLACE FUNCTION :seen() RETURNS trigger LANGUAGE plpgsql AS :'seen_body';
CREATE OR REPLACE FUNCTION :filling() RETURNS boolean LANGUAGE sql STABLE AS :'filling_body';
