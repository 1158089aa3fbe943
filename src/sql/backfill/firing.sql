-- Triggers of users on table $1 (a qualified name) or a partition of it that an UPDATE
-- of the backfill would fire.  Ours are named after the run and exchange nothing on
-- rows that are equal.  Which column they look at, or by which condition they keep
-- still, is not asked: to be a replica without need does no harm.
WITH RECURSIVE tree AS (
    SELECT pg_catalog.to_regclass($1)::pg_catalog.oid AS oid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid
)
SELECT pg_catalog.count(*) > 0 AS firing
  FROM tree
  JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.oid
 WHERE NOT t.tgisinternal
   AND t.tgenabled IN ('O', 'A')
   AND t.tgtype::pg_catalog.int4 & 16 = 16
   AND t.tgname !~ '^[!~] ?orchestrate_[0-9]+';
