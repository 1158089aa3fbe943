-- What a person may have changed meanwhile.  The settings only as a mark that tells
-- whether they are still the same.
SELECT c.stop, c.paused, pg_catalog.md5((c.settings || c.live)::text) AS mark
  FROM orchestrate.control c
 WHERE c.run = $1::bigint;
