-- Before the claims get the oids that their tables have here: an oid of before may be that
-- of another table here, so each is put where no table is; those of other runs, too, that
-- have yet to be adopted themselves and stand in the way.  There stays what stands for a
-- table that is gone.  $2: the claims as JSON, $3: the system identifier or NULL.
WITH moved AS (
    SELECT c.run, c.relid, pg_catalog.row_number() OVER (ORDER BY c.run, c.relid) AS n
      FROM orchestrate.claim c
      JOIN orchestrate.plan p USING (run)
      JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
     WHERE c.run = $1::bigint
        OR c.released_at IS NULL
           AND (p.database_oid <> d.oid OR p.system_id <> $3)
           AND c.relid IN (SELECT k.relid FROM pg_catalog.jsonb_to_recordset($2::jsonb) AS k (relid oid))
), spare AS (
    SELECT s.relid, pg_catalog.row_number() OVER (ORDER BY s.relid DESC) AS n
      FROM (SELECT (4294967295 - i)::oid
              FROM pg_catalog.generate_series(0, 100 + 2 * (SELECT pg_catalog.count(*) FROM orchestrate.claim)) AS i) AS s (relid)
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class k WHERE k.oid = s.relid)
       AND NOT EXISTS (SELECT FROM orchestrate.claim c WHERE c.relid = s.relid)
)
UPDATE orchestrate.claim k
   SET relid = s.relid
  FROM moved m
  JOIN spare s USING (n)
 WHERE k.run = m.run AND k.relid = m.relid;
