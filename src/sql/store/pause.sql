-- The flag and the record of who changed it, in one statement.  $2 paused, $3 because.
WITH changed AS (
    UPDATE orchestrate.control c
       SET paused = $2::boolean, because = $3, paused_by = session_user, paused_at = pg_catalog.clock_timestamp()
     WHERE c.run = $1::bigint AND (c.paused IS DISTINCT FROM $2::boolean OR ($2::boolean AND c.because IS DISTINCT FROM $3))
    RETURNING c.run
)
INSERT INTO orchestrate.event (run, kind, detail)
SELECT c.run, CASE WHEN $2::boolean THEN 'paused' ELSE 'resumed' END,
       CASE WHEN $3::text IS NULL THEN '{}' ELSE pg_catalog.jsonb_build_object('because', $3) END
  FROM changed c;
