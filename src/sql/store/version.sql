-- Which version of the state schema is here; fails with 42P01 or 3F000 when there is none.
SELECT version FROM orchestrate.meta;
