-- $3: [{gate, evidence}].  A row only for what changed since the latest one; where several
-- changes of a plan have a gate of one name, evidence says by what it looks at whose it is.
INSERT INTO orchestrate.gate_evidence (run, phase, gate, evidence)
SELECT $1::bigint, $2::integer, e.gate, e.evidence
  FROM pg_catalog.jsonb_to_recordset($3::jsonb) AS e (gate text, evidence jsonb)
 WHERE e.evidence IS DISTINCT FROM (SELECT g.evidence
                                      FROM orchestrate.gate_evidence g
                                     WHERE g.run = $1::bigint AND g.phase = $2::integer AND g.gate = e.gate
                                       AND coalesce(g.evidence ->> 'meter', g.evidence ->> 'check', '')
                                         = coalesce(e.evidence ->> 'meter', e.evidence ->> 'check', '')
                                     ORDER BY g.id DESC LIMIT 1);
