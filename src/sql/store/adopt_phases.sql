-- The checksums of the phases as they read here; approvals are bound to them.
UPDATE orchestrate.phase f
   SET checksum = now.checksum
  FROM (SELECT g.run, g.ord, orchestrate.phase_checksum(g, p.code_new) AS checksum
          FROM orchestrate.phase g JOIN orchestrate.plan p USING (run) WHERE g.run = $1::bigint) AS now
 WHERE f.run = now.run AND f.ord = now.ord AND f.checksum <> now.checksum;
