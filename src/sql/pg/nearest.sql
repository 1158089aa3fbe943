-- Names that a misspelt table may have meant: $1 schema or NULL.
SELECT pg_catalog.format('%s.%s', n.nspname, c.relname) AS qualified, c.relname AS name
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p')
   AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'orchestrate')
 ORDER BY n.nspname = $1 DESC, 1
 LIMIT 1000;
