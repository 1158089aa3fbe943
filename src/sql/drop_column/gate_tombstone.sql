-- tombstone: what is about to be dropped is the column that retire set aside.
SELECT t.ok AS open,
       CASE WHEN t.ok THEN pg_catalog.format('column %I of %s is the one that was set aside', :'gone', :'rel')
            ELSE pg_catalog.format('column %I of %s is not the one that was set aside (number %s)', :'gone', :'rel', :attnum) END AS reason,
       pg_catalog.jsonb_build_object('column', :'gone') AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM (SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                        WHERE a.attrelid = :relid AND a.attnum = :attnum AND a.attname = :'gone' AND NOT a.attisdropped)) AS t (ok);
