-- What the relation with the oid $1 is called by now, and what gives it the name $2 back;
-- no row: it is gone.
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
       pg_catalog.concat_ws('; ', CASE WHEN n.nspname <> was.name[1] THEN pg_catalog.format('ALTER TABLE %I.%I SET SCHEMA %I', n.nspname, c.relname, was.name[1]) END,
                                  CASE WHEN c.relname <> was.name[2] THEN pg_catalog.format('ALTER TABLE %I.%I RENAME TO %I', was.name[1], c.relname, was.name[2]) END) AS back
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN pg_catalog.parse_ident($2::text) AS was (name)
 WHERE c.oid = $1::pg_catalog.oid AND pg_catalog.cardinality(was.name) = 2;
