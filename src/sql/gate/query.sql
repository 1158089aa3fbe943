-- A query of the plan's author returns true.  Anything else is not an answer, and the
-- gate is closed.
SELECT COALESCE(a.answer, false) AS open,
       CASE WHEN a.trouble IS NOT NULL
            THEN pg_catalog.format('its query %s; it is there because: %s', a.trouble, $3::jsonb ->> 'because')
            WHEN NOT a.answer THEN $3::jsonb ->> 'because' END AS reason,
       pg_catalog.jsonb_build_object('sql', $3::jsonb -> 'sql', 'answer', a.answer, 'trouble', a.trouble) AS evidence,
       NULL::timestamptz AS until
  FROM orchestrate.plan p
 CROSS JOIN LATERAL orchestrate.ask($3::jsonb ->> 'sql', p.search_path) AS a
 WHERE p.run = $1;
