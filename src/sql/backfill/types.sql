-- Of what type the columns $2 (a JSON array of names) of table $1 (a qualified name) are.  A
-- cast to those that are left out would cut a value that the column does not take.
SELECT a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type
  FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = pg_catalog.to_regclass($1)::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped
   AND $2::pg_catalog.jsonb ? a.attname::text
   AND a.atttypid NOT IN ('pg_catalog.varchar'::pg_catalog.regtype, 'pg_catalog.bpchar'::pg_catalog.regtype,
                          'pg_catalog.bit'::pg_catalog.regtype, 'pg_catalog.varbit'::pg_catalog.regtype);
