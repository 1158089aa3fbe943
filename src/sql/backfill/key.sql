-- An expression by which people tell a row of table $1 (a qualified name): its primary key, as
-- far as role $2 may read it; no row: there is none.
SELECT 'pg_catalog.jsonb_build_object(' || pg_catalog.string_agg(pg_catalog.format('%L, %I', a.attname, a.attname), ', ' ORDER BY a.attnum) || ')::text' AS key
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::pg_catalog.int2[])
 WHERE i.indrelid = pg_catalog.to_regclass($1)::pg_catalog.oid AND i.indisprimary
HAVING pg_catalog.bool_and(pg_catalog.has_column_privilege($2::pg_catalog.name, a.attrelid, a.attnum, 'SELECT'));
