-- Whether the server would take the condition.  Parameters as in facts.sql.
--
-- CREATE INDEX refuses what is not IMMUTABLE, but looks only once it has its lock.  The planner
-- asks the same of conditions that contradict each other: if they are IMMUTABLE, no row is
-- looked for; if not, or if there is a subquery, the table has to be read after all.  CASE
-- keeps it from taking the condition to pieces, of which it would know the whole no more.
SELECT 'where' AS field,
       r.rolname AS role,
       pg_catalog.format('EXPLAIN (COSTS OFF) SELECT FROM ONLY %I.%I WHERE (CASE WHEN (%s) THEN true END) AND (CASE WHEN (%s) THEN true END) IS FALSE', n.nspname, c.relname, $6::text, $6::text) AS statement,
       E'Result\n  One-Time Filter: false' AS answer,
       pg_catalog.format('`where` cannot be the condition of an index of %I.%I', n.nspname, c.relname) AS what,
       'it has a subquery, or a function that is not IMMUTABLE: what it says of a row could change while the row stays' AS otherwise,
       'Write a condition of columns, constants and IMMUTABLE functions. What is not of Postgres itself needs its schema: public.f(x).' AS hint
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
 WHERE c.oid = $1::pg_catalog.oid AND c.relkind = 'r' AND $6::text IS NOT NULL
   AND pg_catalog.concat($2::text, $3::text, $4::text, $5::text) IS NOT NULL; -- each parameter needs a type
