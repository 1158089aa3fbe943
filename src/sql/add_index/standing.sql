-- The promise of the phase: the index is there, as it was built, and the server uses it.
SELECT coalesce(i.indisvalid AND i.alike, false) AS ok,
       pg_catalog.format(CASE WHEN i.indexrelid IS NULL OR NOT i.indisvalid THEN '%s has no valid index %I'
                              WHEN NOT i.alike THEN 'the index %2$I of %1$s is not the one that was built: %3$s' ELSE '%s has the index %I' END,
                         :'rel', :'name', pg_catalog.pg_get_indexdef(i.indexrelid)) AS text
  FROM (VALUES (true)) AS one (x)
  LEFT JOIN (SELECT i.indexrelid, i.indisvalid, :alike AS alike
               FROM pg_catalog.pg_index i
               JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND c.relname = :'name'
              WHERE i.indrelid = :relid) AS i ON true;
