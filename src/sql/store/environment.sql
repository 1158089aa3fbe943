-- What init was told that this database is; fails with 42P01 or 3F000 without a state schema.
SELECT environment FROM orchestrate.meta;
