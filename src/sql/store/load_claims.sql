-- The tables that the run claims.
SELECT c.relid, c.relation, c.later, c.shared FROM orchestrate.claim c WHERE c.run = $1::bigint ORDER BY c.relid;
