-- Whether the server would take the placeholder as a default, and whether the default that
-- there is can be worked out: the meter asks for it with each INSERT.  Parameters as in facts.sql.
--
-- ALTER COLUMN ... SET DEFAULT needs its lock first.  A default of XMLTABLE is converted by
-- the same rules, sees no columns either, and can be planned without a table.  Constants are
-- worked out by that, so that one that does not fit into varchar(3) is found, too; but not
-- what a domain checks, for which what calls nothing, or nothing that changes, is carried out.
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
   AND pg_catalog.concat($2::text, $5::text) IS NOT NULL -- each parameter needs a type
 UNION ALL
SELECT CASE WHEN $4::text IS NULL THEN 'column' ELSE 'placeholder' END, r.rolname,
       pg_catalog.format('SELECT (%s)::%s', preset.sql, pg_catalog.format_type(a.atttypid, a.atttypmod)),
       NULL, -- whatever it is
       pg_catalog.format('%s of column %I of %I.%I, %s, has no value', CASE WHEN $4::text IS NULL THEN 'the default' ELSE '`placeholder`' END, a.attname, n.nspname, c.relname, preset.sql),
       NULL,
       CASE WHEN $4::text IS NULL THEN 'Code could not omit the column. Give a placeholder that is another default until then.' ELSE 'Write a value that the column takes.' END
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = $3::text AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 CROSS JOIN LATERAL (
       SELECT $4::text AS sql WHERE $4::text !~ '[(]' AND t.typtype = 'd'
        UNION ALL
       SELECT coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), pg_catalog.pg_get_expr(t.typdefaultbin, 0))
        WHERE $4::text IS NULL AND coalesce(d.adbin, t.typdefaultbin)::text !~ '\{NEXTVALUEEXPR'
          AND NOT EXISTS (SELECT FROM pg_catalog.regexp_matches(coalesce(d.adbin, t.typdefaultbin)::text, ':(?:funcid|opfuncid) (\d+)', 'g') m
                            JOIN pg_catalog.pg_proc p ON p.oid = m[1]::pg_catalog.oid AND p.provolatile <> 'i')) AS preset
 WHERE c.oid = $1::pg_catalog.oid AND c.relkind IN ('r', 'p') AND preset.sql IS NOT NULL
   AND a.attgenerated = '' AND a.attidentity = '';
