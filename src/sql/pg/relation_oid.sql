-- The relation that bears the qualified, quoted name $1 or, if there is one, $2.  A plan
-- that renames a table leaves a view under the other name: of two the one with the oid $3
-- is meant, else the one that is no view.  NULL: there is none.
SELECT (SELECT c.oid
          FROM pg_catalog.pg_class c
         WHERE c.oid IN (pg_catalog.to_regclass($1), pg_catalog.to_regclass($2))
         ORDER BY c.oid = $3::pg_catalog.oid DESC, c.relkind = 'v'
         LIMIT 1) AS relid;
