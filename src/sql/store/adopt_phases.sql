-- The checksums of the phases as they read here; approvals are bound to them.  $2: the
-- phases as JSON.
UPDATE orchestrate.phase p
   SET checksum = now.checksum
  FROM (SELECT e.n - 1 AS ord, pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(e.j::text, 'UTF8')), 'hex') AS checksum
          FROM pg_catalog.jsonb_array_elements($2::jsonb) WITH ORDINALITY AS e (j, n)) AS now
 WHERE p.run = $1::bigint AND p.ord = now.ord AND p.checksum <> now.checksum;
