-- The promise of the phase: the index is there, and the server uses it.
SELECT i.indexrelid IS NOT NULL AS ok,
       pg_catalog.format(CASE WHEN i.indexrelid IS NULL THEN '%s has no valid index %I' ELSE '%s has the index %I' END, :'rel', :'name') AS text
  FROM (VALUES (true)) AS one (x)
  LEFT JOIN pg_catalog.pg_class c ON c.relname = :'name' AND c.relnamespace = pg_catalog.to_regnamespace(pg_catalog.quote_ident(:'schema'))
  LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid AND i.indrelid = :relid AND i.indisvalid;
