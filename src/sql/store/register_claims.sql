-- $2: the claims as JSON.  They are only named here; the first phase takes them.
INSERT INTO orchestrate.claim (run, relid, relation, later, shared)
SELECT $1::bigint, c.relid, c.relation, c.later, c.shared
  FROM pg_catalog.jsonb_to_recordset($2::jsonb) AS c (relid oid, relation text, later text, shared boolean);
