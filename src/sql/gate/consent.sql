-- The point of no return is passed only by somebody who gave the plan's name: with
-- `advance --confirm` (which store_gates looks at), or beforehand with an approval for
-- this very text of the phase that was not taken back and is younger than any undo.
SELECT f.undo <> 'never' OR c.id IS NOT NULL AS open,
       CASE WHEN f.undo = 'never' AND c.id IS NULL
            THEN pg_catalog.format('phase %s is the point of no return: what it drops cannot be brought back', f.name)
       END AS reason,
       CASE WHEN c.id IS NOT NULL
            THEN pg_catalog.jsonb_build_object('by', c.approver, 'at', orchestrate.utc(c.at), 'because', c.because)
       END AS evidence,
       NULL::timestamptz AS until
  FROM orchestrate.phase f
  LEFT JOIN LATERAL (
       SELECT a.*
         FROM orchestrate.approval a
        WHERE a.run = f.run AND a.phase = f.ord AND a.consent AND NOT a.revokes AND a.phase_checksum = f.checksum
          AND NOT EXISTS (SELECT FROM orchestrate.approval r
                           WHERE r.run = a.run AND r.phase = a.phase AND r.approver = a.approver AND r.revokes
                             AND r.id > a.id)
          AND NOT EXISTS (SELECT FROM orchestrate.transition u
                           WHERE u.run = a.run AND u.to_state = 'undoing' AND u.at > a.at)
        ORDER BY a.id DESC LIMIT 1) c ON f.undo = 'never'
 WHERE f.run = $1 AND f.ord = $2;
