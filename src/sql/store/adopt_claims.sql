-- The tables by the oids that they have here; 0: it is gone.  $2: the claims as JSON.
UPDATE orchestrate.claim k
   SET relid = c.relid
  FROM pg_catalog.jsonb_to_recordset($2::jsonb) AS c (relid oid, relation text, shared boolean)
 WHERE k.run = $1::bigint AND c.relation IN (k.relation, k.later) AND c.relid <> 0;
