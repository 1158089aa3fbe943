-- Triggers of users on table $1 that an UPDATE of the backfill would fire.  Ours
-- are named after the run and exchange nothing on rows that are equal.  A column
-- list does not help: while both names live, it has the column that is filled.
SELECT pg_catalog.count(*) > 0 AS firing
  FROM pg_catalog.pg_trigger t
 WHERE t.tgrelid = $1::pg_catalog.oid
   AND NOT t.tgisinternal
   AND t.tgenabled IN ('O', 'A')
   AND t.tgtype::pg_catalog.int4 & 16 = 16
   AND t.tgname !~ '^[!~] ?orchestrate_[0-9]+';
