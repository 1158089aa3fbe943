-- No replica is further behind than $3.  A lag that nobody can see counts as too much.
WITH seen AS (
    SELECT r.*,
           CASE WHEN r.state IS NULL THEN 'unseen'
                WHEN r.state <> 'streaming' THEN pg_catalog.format('replica %s does not stream yet (%s)', r.name, r.state)
                WHEN r.lag > $3::interval
                THEN pg_catalog.format('replica %s is %s s behind; at most %s is allowed', r.name,
                                       pg_catalog.round(EXTRACT(epoch FROM r.lag)::numeric, 1), $3)
                -- Without a lag it has replayed all that it got, or has told nothing for long.
                WHEN r.lag IS NULL AND r.behind > 16777216
                THEN pg_catalog.format('replica %s is %s MB behind, nobody knows since when', r.name,
                                       r.behind / 1048576) END AS trouble
      FROM orchestrate.replicas() AS r
), sums AS (
    SELECT pg_catalog.count(*) AS replicas, pg_catalog.count(*) FILTER (WHERE s.trouble = 'unseen') AS unseen,
           pg_catalog.count(s.trouble) AS troubles, pg_catalog.max(s.lag) AS lag,
           pg_catalog.string_agg(s.trouble, '; ' ORDER BY s.name) FILTER (WHERE s.trouble <> 'unseen') AS told
      FROM seen s
)
SELECT s.troubles = 0 AS open,
       CASE WHEN s.unseen > 0
            THEN pg_catalog.format('role %I may not see how far %s behind: GRANT pg_monitor TO %I', session_user,
                                   CASE s.unseen WHEN 1 THEN 'a replica is' ELSE s.unseen || ' replicas are' END,
                                   session_user)
            ELSE s.told END AS reason,
       pg_catalog.jsonb_build_object('replicas', s.replicas, 'unseen', s.unseen,
                                     'lag_ms', (EXTRACT(epoch FROM s.lag) * 1000)::bigint) AS evidence,
       NULL::timestamptz AS until
  FROM sums s;
