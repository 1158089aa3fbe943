-- A subquery: what the meter's comment has noted of the foreign key a.j, the oids of both tables
-- and the numbers of its columns among it; {} where it is that of another database, or gone.
-- The steps have no oids of their own: an adopted run is compared by them.
SELECT coalesce(pg_catalog.max(n.j::text), '{}')::pg_catalog.jsonb
  FROM (SELECT pg_catalog.substring(pg_catalog.obj_description(pg_catalog.to_regclass(:'meter')::pg_catalog.oid, 'pg_class'), ': ({.*})$')::pg_catalog.jsonb) AS meter (was)
 CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(meter.was -> 'keys') AS n (j)
 WHERE meter.was ->> 'relid' = coalesce(pg_catalog.to_regclass(:'later'), pg_catalog.to_regclass(:'rel'))::pg_catalog.oid::text
   AND n.j ->> 'schema' = a.j ->> 'schema' AND n.j ->> 'relation' = a.j ->> 'relation' AND n.j ->> 'name' = a.j ->> 'name'
