-- The point of no return is passed only by somebody who gave the plan's name: with
-- `advance --confirm` (which store_gates looks at), or beforehand with an approval that
-- still counts.
SELECT f.undo <> 'never' OR c.approver IS NOT NULL AS open,
       CASE WHEN f.undo = 'never' AND c.approver IS NULL
            THEN pg_catalog.format('phase %s is the point of no return: what it drops cannot be brought back', f.name)
       END AS reason,
       CASE WHEN c.approver IS NOT NULL
            THEN pg_catalog.jsonb_build_object('by', c.approver, 'at', orchestrate.utc(c.at), 'because', c.because)
       END AS evidence,
       NULL::timestamptz AS until
  FROM orchestrate.phase f
  LEFT JOIN LATERAL (SELECT a.*
                       FROM orchestrate.approvals(f.run, f.ord) AS a
                      WHERE a.consent AND a.void IS NULL
                      ORDER BY a.at DESC LIMIT 1) c ON f.undo = 'never'
 WHERE f.run = $1 AND f.ord = $2;
