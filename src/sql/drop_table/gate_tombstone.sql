-- tombstone: what is about to be dropped is the table that retire set aside.
SELECT t.ok AS open,
       CASE WHEN t.ok THEN pg_catalog.format('%s is the table that was set aside', :'later')
            ELSE pg_catalog.format('%s is not the table that was set aside', :'later') END AS reason,
       pg_catalog.jsonb_build_object('table', :'later') AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM (SELECT coalesce(pg_catalog.to_regclass(:'later')::pg_catalog.oid = :relid, false)) AS t (ok);
