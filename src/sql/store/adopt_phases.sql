-- The checksums of the phases as they read here; approvals are bound to them.
UPDATE orchestrate.phase f
   SET checksum = c.checksum
  FROM orchestrate.plan p
 CROSS JOIN LATERAL orchestrate.phase_checksums(p.run, p.code_new) AS c
 WHERE p.run = $1::bigint AND f.run = p.run AND f.ord = c.ord AND f.checksum <> c.checksum;
