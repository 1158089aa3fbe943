-- partitions: what has been attached or detached since the start fits.
WITH problem AS (
:strays
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN pg_catalog.format('no partition of %s stands apart', :'rel')
            ELSE pg_catalog.string_agg(problem.text, '; ' ORDER BY problem.text) END AS reason,
       pg_catalog.jsonb_build_object('partitions', coalesce(pg_catalog.jsonb_agg(problem.text ORDER BY problem.text), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM problem;
