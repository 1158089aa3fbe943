-- Why an index cannot be added in this way, and what is good to know before: all of it at
-- once.  Parameters as in facts.sql.  Takes no lock on the table.
WITH tab AS (
    SELECT c.oid, c.relkind, c.relpersistence, c.relnamespace, c.relowner, n.nspname, r.rolname AS owner, r.rolsuper,
           pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel,
           $2::text AS run, -- asked for nothing here, but each parameter needs a type
           $3::text AS index_name, coalesce($5::text, 'btree') AS method, $6::text AS condition,
           pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
     WHERE c.oid = $1::pg_catalog.oid
), col AS (
    SELECT k.name, k.place, a.attnum
      FROM tab
     CROSS JOIN pg_catalog.jsonb_array_elements_text(coalesce($4, '[]')::pg_catalog.jsonb) WITH ORDINALITY AS k (name, place)
      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = tab.oid AND a.attname = k.name AND a.attnum > 0 AND NOT a.attisdropped
), finding (level, code, message, hint, acceptable) AS (
    SELECT 'refuse', 'partitioned', pg_catalog.format('%s is partitioned, and CONCURRENTLY works on one partition at a time', tab.rel),
           'Give each partition such an index by a plan of its own. Then CREATE INDEX ... ON ONLY and ALTER INDEX ... ATTACH PARTITION make one of them.', false
      FROM tab WHERE tab.relkind = 'p'
     UNION ALL
    SELECT 'refuse', 'not-a-table',
           pg_catalog.format('%s is %s', tab.rel, CASE tab.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view' WHEN 'f' THEN 'a foreign table'
                                                                   WHEN 'S' THEN 'a sequence' ELSE 'no table' END),
           CASE tab.relkind WHEN 'm' THEN 'CREATE INDEX CONCURRENTLY does it, by hand or in a plan of your own.' ELSE 'Name the table that it reads from.' END, false
      FROM tab WHERE tab.relkind NOT IN ('r', 'p')
     UNION ALL
    SELECT 'refuse', 'temporary-table', pg_catalog.format('%s is temporary: no other session sees it', tab.rel), 'CREATE INDEX does it at once.', false
      FROM tab WHERE tab.relpersistence = 't'
     UNION ALL
    SELECT 'refuse', 'system-table', pg_catalog.format('%s belongs to %s', tab.rel, CASE tab.nspname WHEN 'orchestrate' THEN 'orchestrate' ELSE 'Postgres' END),
           'Name a table of your own.', false
      FROM tab WHERE tab.nspname ~ '^pg_' OR tab.nspname IN ('information_schema', 'orchestrate')
     UNION ALL
    SELECT 'refuse', 'name-taken', pg_catalog.format('schema %I has a relation %I already', tab.nspname, tab.index_name),
           'Choose another name for the index.', false
      FROM tab JOIN pg_catalog.pg_class c ON c.relnamespace = tab.relnamespace AND c.relname = tab.index_name
     UNION ALL
    SELECT 'refuse', 'no-column', pg_catalog.format('%s has no column %s', tab.rel, pg_catalog.string_agg(pg_catalog.quote_ident(col.name), ', ' ORDER BY col.place)),
           pg_catalog.format('It has: %s.', (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)
                                               FROM pg_catalog.pg_attribute a WHERE a.attrelid = tab.oid AND a.attnum > 0 AND NOT a.attisdropped)), false
      FROM tab, col WHERE col.attnum IS NULL GROUP BY tab.oid, tab.rel
     UNION ALL
    SELECT 'refuse', 'no-method', pg_catalog.format('there is no index method %I', tab.method),
           pg_catalog.format('There are: %s.', (SELECT pg_catalog.string_agg(am.amname, ', ' ORDER BY am.amname) FROM pg_catalog.pg_am am WHERE am.amtype = 'i')), false
      FROM tab WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_am am WHERE am.amname = tab.method AND am.amtype = 'i')
     UNION ALL
    SELECT 'refuse', 'not-owner', pg_catalog.format('role %I may not act as %I, who owns %s', session_user, tab.owner, tab.rel),
           CASE WHEN tab.rolsuper THEN pg_catalog.format('Run this as %I, or give the table an owner that is no superuser.', tab.owner)
                ELSE pg_catalog.format('GRANT %I TO %I', tab.owner, session_user) || CASE WHEN tab.version >= 160000 THEN ' WITH SET TRUE.' ELSE '.' END END, false
      FROM tab WHERE NOT pg_catalog.pg_has_role(session_user, tab.relowner, CASE WHEN tab.version >= 160000 THEN 'SET' ELSE 'MEMBER' END)
     UNION ALL
    SELECT 'refuse', 'schema-privilege', pg_catalog.format('%I, who owns %s, has no %s on schema %I, where the index has to be made', tab.owner, tab.rel, p.name, tab.nspname),
           pg_catalog.format('GRANT %s ON SCHEMA %I TO %I.', p.name, tab.nspname, tab.owner), false
      FROM tab, (VALUES ('CREATE'), ('USAGE')) AS p (name) WHERE NOT pg_catalog.has_schema_privilege(tab.relowner, tab.relnamespace, p.name)
     UNION ALL
    SELECT 'warn', 'same-columns', pg_catalog.format('there is an index with these columns already: %s', pg_catalog.string_agg(i.indexrelid::pg_catalog.regclass::text, ', ')), NULL, false
      FROM tab JOIN pg_catalog.pg_index i ON i.indrelid = tab.oid AND i.indpred IS NULL
     WHERE tab.condition IS NULL
       AND i.indkey::text = (SELECT pg_catalog.string_agg(col.attnum::text, ' ' ORDER BY col.place) FROM col) -- as arrays they would begin at 0 and 1
    HAVING pg_catalog.count(*) > 0
)
SELECT f.level, f.code, f.message, f.hint, f.acceptable
  FROM finding f
 ORDER BY f.level, f.acceptable, f.code;
