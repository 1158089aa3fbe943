-- What is to be done next for the foreign key of a partitioned table, which would read
-- all partitions under its locks if it came at once.  Each partition gets one of its own,
-- not yet proved ("made"); then each is validated ("proved"); then the partitioned tables
-- get theirs, from below upwards, and take those of their partitions for their own without
-- looking at a row ("whole").  A partition that is new is no exception.
WITH RECURSIVE :item_members, action (n, place, sql, relation) AS (
    SELECT 0, 0, pg_catalog.format('DO %L', :'item_free'), NULL
      FROM (SELECT pg_catalog.jsonb_build_array(:'item_self'::pg_catalog.jsonb)) AS self (asked)
     WHERE EXISTS (
:key_problems
     )
     UNION ALL
    SELECT 1, 0, member.add, pg_catalog.format('%s, %s', member.rel, :'item_target')
      FROM member
     WHERE member.isleaf AND NOT EXISTS (SELECT FROM ours WHERE ours.conrelid = member.relid)
     UNION ALL
    SELECT 2, 0, pg_catalog.format('ALTER TABLE %s VALIDATE CONSTRAINT %I', member.rel, ours.conname), NULL
      FROM member
      JOIN ours ON ours.conrelid = member.relid
     WHERE member.isleaf AND member.valid AND NOT ours.convalidated AND :'item_stage' <> 'made'
     UNION ALL
    SELECT 3, -member.level, pg_catalog.format(E'DO %L;\n%s%s', :'item_check', member.add, CASE WHEN member.level = 0 THEN :'item_comment' END), pg_catalog.format('%s, %s', member.rel, :'item_target')
      FROM member
     WHERE NOT member.isleaf AND NOT EXISTS (SELECT FROM ours WHERE ours.conrelid = member.relid) AND :'item_stage' = 'whole'
)
SELECT action.sql, action.relation, 'SHARE ROW EXCLUSIVE' AS mode
  FROM action
 WHERE NOT (:item_gone OR :item_standing)
 ORDER BY action.n, action.place, action.sql
 LIMIT 1;
