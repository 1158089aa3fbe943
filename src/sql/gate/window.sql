-- It is one of the times of the week at which the phase may begin.  What has begun is
-- not stopped when the window closes.
SELECT w.open,
       CASE WHEN NOT w.open
            THEN pg_catalog.format('may begin %s (%s); there it is %s now',
                                   (SELECT pg_catalog.string_agg(a.text, ', ' ORDER BY a.n)
                                      FROM pg_catalog.jsonb_array_elements_text(w.args -> 'allow')
                                           WITH ORDINALITY AS a (text, n)),
                                   w.args ->> 'zone',
                                   pg_catalog.to_char(w.now AT TIME ZONE (w.args ->> 'zone'), 'Dy HH24:MI'))
       END AS reason,
       pg_catalog.jsonb_build_object('zone', w.args -> 'zone', 'allow', w.args -> 'allow', 'local_time',
           pg_catalog.to_char(w.now AT TIME ZONE (w.args ->> 'zone'), 'YYYY-MM-DD"T"HH24:MI:SS')) AS evidence,
       CASE WHEN NOT w.open THEN orchestrate.window_opens(w.args, w.now) END AS until
  FROM (SELECT $3::jsonb AS args, t.now, orchestrate.window_open($3::jsonb, t.now) AS open
          FROM (SELECT pg_catalog.clock_timestamp() AS now) AS t) AS w;
