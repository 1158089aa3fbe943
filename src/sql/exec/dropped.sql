-- Is there no relation with the oid $1 any more?  One that was renamed has kept it.
SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = $1::pg_catalog.oid) AS dropped;
