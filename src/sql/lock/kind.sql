-- How $1 (a qualified name) is locked: as "one", as a "tree" of partitions, or as a "view".
SELECT CASE c.relkind WHEN 'p' THEN 'tree' WHEN 'v' THEN 'view' ELSE 'one' END AS kind
  FROM (VALUES (pg_catalog.to_regclass($1)::pg_catalog.oid)) AS named (oid)
  LEFT JOIN pg_catalog.pg_class c ON c.oid = named.oid;
