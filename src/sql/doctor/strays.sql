-- Runs whose helpers are in the schemas of the user, by the number in their names.
SELECT DISTINCT x.number
  FROM (SELECT pg_catalog.substring(p.proname::text, '^_orch_([0-9]{1,10})_') FROM pg_catalog.pg_proc p
         UNION
        SELECT pg_catalog.substring(c.relname::text, '^_orch_([0-9]{1,10})_') FROM pg_catalog.pg_class c
         UNION
        SELECT pg_catalog.substring(c.conname::text, '^_orch_([0-9]{1,10})_') FROM pg_catalog.pg_constraint c
         UNION
        SELECT pg_catalog.substring(a.attname::text, '^_orch_([0-9]{1,10})_') FROM pg_catalog.pg_attribute a WHERE NOT a.attisdropped) AS x (number)
 WHERE x.number IS NOT NULL
 ORDER BY 1;
