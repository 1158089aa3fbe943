-- row_security: before 15 a view shows everybody what its owner may see, so policies that
-- have come since the start would end where the table becomes the view.
SELECT NOT (now.secured AND v.number < 150000) AS open,
       CASE WHEN now.secured AND v.number < 150000
            THEN pg_catalog.format('%s has row level security since the plan was started, and a view on Postgres %s would show everybody the rows that its owner may see; '
                                   || 'ALTER TABLE %s DISABLE ROW LEVEL SECURITY until contract is done, or take the plan back (rollback)', :'rel', v.number / 10000, :'rel')
            WHEN now.secured THEN pg_catalog.format('a view that is made now obeys the row level security of %s', :'rel')
            ELSE pg_catalog.format('%s has no row level security', :'rel') END AS reason,
       pg_catalog.jsonb_build_object('row_security', now.secured) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM (SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4) AS v (number),
       (SELECT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = :relid AND c.relrowsecurity)) AS now (secured);
