-- Whether the server would take the placeholder as a default.  Parameters as in facts.sql.
--
-- ALTER COLUMN ... SET DEFAULT needs its lock first.  A default of XMLTABLE is converted by
-- the same rules, sees no columns either, and can be planned without a table.  Constants are
-- worked out by that, so that one that does not fit into varchar(3) is found, too.
SELECT 'placeholder' AS field,
       r.rolname AS role,
       pg_catalog.format('EXPLAIN (COSTS OFF) SELECT FROM XMLTABLE(''/x'' PASSING (NULL::pg_catalog.xml) COLUMNS x %s DEFAULT (%s))',
                         pg_catalog.format_type(a.atttypid, a.atttypmod), $4::text) AS statement,
       'Table Function Scan on "xmltable"' AS answer,
       pg_catalog.format('`placeholder` cannot be the default of column %I of %I.%I', a.attname, n.nspname, c.relname) AS what,
       'it has a subquery' AS otherwise,
       pg_catalog.format('Write a value of type %s without columns, subqueries and aggregates. What is not of Postgres itself needs its schema: public.f().',
                         pg_catalog.format_type(a.atttypid, a.atttypmod)) AS hint
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = $3::text AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.oid = $1::pg_catalog.oid AND c.relkind IN ('r', 'p') AND $4::text IS NOT NULL
   AND a.attgenerated = '' AND a.attidentity = ''
   AND pg_catalog.concat($2::text, $5::text) IS NOT NULL; -- each parameter needs a type
