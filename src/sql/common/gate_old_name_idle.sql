-- old_name_idle: no write by the old name within $3 (10 minutes when the plan does not
-- say).  The meter only counts; when it last moved is what earlier looks noted.
WITH meter AS (
    SELECT pg_catalog.to_regclass(:'meter') AS sequence
), used AS (
    SELECT meter.sequence IS NOT NULL AS there,
           CASE WHEN meter.sequence IS NOT NULL THEN coalesce(pg_catalog.pg_sequence_last_value(meter.sequence), 0) END AS uses,
           coalesce($3::text, '10m')::pg_catalog.interval AS wanted
      FROM meter
), noted AS (
    SELECT (e.evidence ->> 'uses')::pg_catalog.int8 AS uses, (e.evidence ->> 'since')::pg_catalog.timestamptz AS since
      FROM orchestrate.gate_evidence e
     WHERE e.run = $1 AND e.phase = $2 AND e.gate = 'old_name_idle' AND e.evidence ->> 'meter' = :'meter'
     ORDER BY e.id DESC
     LIMIT 1
), idle AS (
    SELECT used.there, used.uses, used.wanted,
           CASE WHEN noted.uses = used.uses THEN noted.since ELSE pg_catalog.date_trunc('second', pg_catalog.clock_timestamp()) END AS since
      FROM used LEFT JOIN noted ON true
)
SELECT coalesce(there AND (uses = 0 OR since + wanted <= pg_catalog.clock_timestamp()), false) AS open,
       CASE WHEN NOT there THEN pg_catalog.format('the meter %s is missing', :'meter')
            WHEN uses = 0 THEN pg_catalog.format('no write named %I of %s since %s', :'old', :'rel', :'counted_since')
            ELSE pg_catalog.format('%s written by the name %I of %s since %s; the count has not moved since %s',
                                   CASE uses WHEN 1 THEN 'once' ELSE uses || ' times' END, :'old', :'rel', :'counted_since',
                                   orchestrate.utc(since)) END AS reason,
       pg_catalog.jsonb_build_object('meter', :'meter', 'uses', uses, 'since', since) AS evidence,
       CASE WHEN there AND uses > 0 AND since + wanted > pg_catalog.clock_timestamp() THEN since + wanted END AS until
  FROM idle;
