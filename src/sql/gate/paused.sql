-- Nobody has paused the run.
SELECT NOT c.paused AS open,
       CASE WHEN c.paused
            THEN pg_catalog.format('paused by %s at %s%s', c.paused_by, orchestrate.utc(c.paused_at), ': ' || c.because)
       END AS reason,
       CASE WHEN c.paused
            THEN pg_catalog.jsonb_build_object('by', c.paused_by, 'at', orchestrate.utc(c.paused_at),
                                               'because', c.because) END AS evidence,
       NULL::timestamptz AS until
  FROM orchestrate.control c
 WHERE c.run = $1;
