-- view_security: since 15 a view that looks at its owner's rights, so that who may read some
-- columns may by both names, can be told to obey policies that have come since.  Before 15
-- nothing but contract helps.
SELECT NOT (now.hidden AND v.number >= 150000) AS open,
       CASE WHEN now.hidden AND v.number >= 150000
            THEN pg_catalog.format('%s has row level security now, and the view %s shows everybody the rows that its owner may see; '
                                   || 'ALTER VIEW %s SET (security_invoker = true), which denies it to who may read only some of its columns; '
                                   || 'or override this, and the view is dropped', :'later', :'rel', :'rel')
            WHEN now.hidden THEN pg_catalog.format('the view %s shows everybody the rows that its owner may see; this phase drops it', :'rel')
            ELSE pg_catalog.format('the view %s shows nobody what policies of %s hide', :'rel', :'later') END AS reason,
       pg_catalog.jsonb_build_object('hidden', now.hidden) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM (SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4) AS v (number),
       (SELECT EXISTS (SELECT FROM pg_catalog.pg_class c
                         JOIN pg_catalog.pg_class t ON t.oid = pg_catalog.to_regclass(:'rel') AND t.relkind = 'v'
                          AND NOT coalesce('security_invoker=true' = ANY (t.reloptions), false)
                        WHERE c.oid = :relid AND c.relrowsecurity)) AS now (hidden);
