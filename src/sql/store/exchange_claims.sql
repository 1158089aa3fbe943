-- The tables of an edited plan.  Once the run has begun, they are taken at once, and those
-- that it has stay its own.  $2: the claims as JSON.
WITH claims AS (
    SELECT c.* FROM pg_catalog.jsonb_to_recordset($2::jsonb)
                 AS c (relid oid, relation text, later text, shared boolean)
), gone AS (
    DELETE FROM orchestrate.claim k
     WHERE k.run = $1::bigint AND k.taken_at IS NULL AND k.relid NOT IN (SELECT c.relid FROM claims c)
)
INSERT INTO orchestrate.claim (run, relid, relation, later, shared, taken_at)
SELECT $1::bigint, c.relid, c.relation, c.later, c.shared,
       CASE WHEN orchestrate.has_begun($1::bigint, 0) THEN pg_catalog.clock_timestamp() END
  FROM claims c
 WHERE NOT EXISTS (SELECT FROM orchestrate.claim k WHERE k.run = $1::bigint AND k.relid = c.relid)
 ORDER BY c.relid;
