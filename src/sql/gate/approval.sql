-- Enough people have approved this very text of the phase: members of the role now, not
-- who started the run, or edited it.
WITH judged AS (
    SELECT a.approver, a.at, a.because, a.revoked,
           COALESCE(a.void,
                    CASE WHEN orchestrate.wrote(p.run, a.approver) IS NOT NULL
                         THEN pg_catalog.format('has %s the run', orchestrate.wrote(p.run, a.approver))
                         WHEN NOT orchestrate.is_member(a.approver::name, ($3::jsonb ->> 'role')::name)
                         THEN 'is no member' END) AS void
      FROM orchestrate.plan p
     CROSS JOIN LATERAL orchestrate.approvals(p.run, $2) AS a
     WHERE p.run = $1
), sums AS (
    SELECT ($3::jsonb ->> 'count')::integer AS wanted, $3::jsonb ->> 'role' AS role,
           pg_catalog.count(*) FILTER (WHERE j.void IS NULL) AS given,
           pg_catalog.string_agg(j.approver, ', ' ORDER BY j.at) FILTER (WHERE j.void IS NULL) AS names,
           pg_catalog.string_agg(j.approver || ' ' || j.void, ', ' ORDER BY j.at)
               FILTER (WHERE j.void IS NOT NULL AND NOT j.revoked) AS void,
           COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
                        'by', j.approver, 'at', orchestrate.utc(j.at), 'because', j.because) ORDER BY j.at)
                    FILTER (WHERE j.void IS NULL), '[]') AS approvals
      FROM judged j
)
SELECT s.given >= s.wanted AS open,
       CASE WHEN s.given < s.wanted
            THEN pg_catalog.format('%s of %s %s by members of %s%s%s', s.given, s.wanted,
                                   CASE s.wanted WHEN 1 THEN 'approval' ELSE 'approvals' END, s.role,
                                   ' (' || s.names || ')', '; not counted: ' || s.void)
       END AS reason,
       pg_catalog.jsonb_build_object('wanted', s.wanted, 'role', s.role, 'given', s.given, 'approvals', s.approvals)
           AS evidence,
       NULL::timestamptz AS until
  FROM sums s;
