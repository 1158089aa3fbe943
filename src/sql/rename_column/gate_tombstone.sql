-- tombstone: what is about to be dropped is the twin that retire set aside, and the
-- original stands there under its new name.
SELECT o.ok AND g.ok AS open,
       CASE WHEN NOT o.ok THEN pg_catalog.format('column number %s of %s is not %I: it is not what the plan was started for', :attnum, :'rel', :'to')
            WHEN NOT g.ok THEN pg_catalog.format('table %s has no column %I that could be dropped', :'rel', :'gone')
            ELSE pg_catalog.format('column %I is the one that was set aside', :'gone') END AS reason,
       pg_catalog.jsonb_build_object('column', :'gone') AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM (SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                        WHERE a.attrelid = :relid AND a.attnum = :attnum AND a.attname = :'to' AND NOT a.attisdropped)) AS o (ok),
       (SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                        WHERE a.attrelid = :relid AND a.attnum <> :attnum AND a.attname = :'gone' AND NOT a.attisdropped)) AS g (ok);
