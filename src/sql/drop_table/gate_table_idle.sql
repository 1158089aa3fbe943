-- old_name_idle: the statistics count no use of the table within $3 (10 minutes when the
-- plan does not say).  They only count; when the count last moved is what earlier looks
-- noted.  A count below the baseline was reset meanwhile: then nothing is known from before.
WITH used AS (
    SELECT base.line IS NOT NULL AS there, now.uses < base.line AS reset,
           CASE WHEN now.uses < base.line THEN now.uses ELSE now.uses - base.line END AS uses,
           coalesce($3::text, '10m')::pg_catalog.interval AS wanted
      FROM (SELECT pg_catalog.pg_sequence_last_value(pg_catalog.to_regclass(:'meter'))) AS base (line),
           (:uses) AS now (uses)
), noted AS (
    SELECT (e.evidence ->> 'uses')::pg_catalog.int8 AS uses, (e.evidence ->> 'reset')::boolean AS reset, (e.evidence ->> 'since')::pg_catalog.timestamptz AS since
      FROM orchestrate.gate_evidence e
     WHERE e.run = $1 AND e.phase = $2 AND e.gate = 'old_name_idle' AND e.evidence ->> 'meter' = :'meter'
     ORDER BY e.id DESC
     LIMIT 1
), idle AS (
    SELECT used.*,
           CASE WHEN noted.uses = used.uses AND noted.reset = used.reset THEN noted.since
                ELSE pg_catalog.date_trunc('second', pg_catalog.clock_timestamp()) END AS since
      FROM used LEFT JOIN noted ON true
)
SELECT coalesce(there AND ((uses = 0 AND NOT reset) OR since + wanted <= pg_catalog.clock_timestamp()), false) AS open,
       CASE WHEN NOT there THEN pg_catalog.format('the meter %s is missing, so nothing is known of uses: undo expand and do it again, or override this', :'meter')
            WHEN uses = 0 AND NOT reset THEN pg_catalog.format('the statistics count no use of %s since expand', :'rel')
            ELSE pg_catalog.format('the statistics count %s of %s since %s; the count has not moved since %s%s',
                                   CASE uses WHEN 1 THEN 'one use' ELSE uses || ' uses' END, :'rel',
                                   CASE WHEN reset THEN 'they were reset' ELSE 'expand' END, orchestrate.utc(since),
                                   CASE WHEN :'keys' <> '' THEN '; foreign keys count with each row written there: ' || :'keys' ELSE '' END) END AS reason,
       pg_catalog.jsonb_build_object('meter', :'meter', 'uses', uses, 'reset', reset, 'since', since) AS evidence,
       CASE WHEN there AND (uses > 0 OR reset) AND since + wanted > pg_catalog.clock_timestamp() THEN since + wanted END AS until
  FROM idle;
