-- How $1 (a qualified name) is locked: as "one", as a "tree" of partitions, as a "view", or,
-- when it is several names with commas between them, as a "list".
WITH named AS (
    SELECT pg_catalog.to_regclass(m.part[1])::pg_catalog.oid AS oid
      FROM pg_catalog.regexp_matches($1, '(?:"(?:[^"]|"")*"|[^",[:space:]])+', 'g') AS m (part)
)
SELECT CASE WHEN pg_catalog.count(*) > 1 THEN 'list'
            ELSE coalesce(pg_catalog.min(CASE c.relkind WHEN 'p' THEN 'tree' WHEN 'v' THEN 'view' END), 'one') END AS kind
  FROM named
  LEFT JOIN pg_catalog.pg_class c ON c.oid = named.oid;
