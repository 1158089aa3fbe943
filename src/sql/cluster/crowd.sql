-- Who is at work, and how much each code has done; sequences count without waiting for
-- each other.
CREATE SCHEMA demo;
CREATE TABLE demo.crowd (name text PRIMARY KEY, at_work boolean NOT NULL);
INSERT INTO demo.crowd VALUES ('old', false), ('new', false);
CREATE SEQUENCE demo.old;
CREATE SEQUENCE demo.new;
