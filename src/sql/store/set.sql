-- Live settings, and a line in the history for each.  $2: {key: text}, null: back to the
-- plan's value; $3: [{key, old, new}].
WITH changed AS (
    UPDATE orchestrate.control c
       SET live = pg_catalog.jsonb_strip_nulls(c.live || $2::jsonb)
     WHERE c.run = $1::bigint
    RETURNING c.run
)
INSERT INTO orchestrate.event (run, kind, detail)
SELECT c.run, 'set', e.value FROM changed c CROSS JOIN LATERAL pg_catalog.jsonb_array_elements($3::jsonb) AS e (value);
