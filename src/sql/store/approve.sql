-- $3 because, $4 as consent, $5 taking it back.  For the phase as it is now.
INSERT INTO orchestrate.approval (run, phase, phase_checksum, because, consent, revokes)
SELECT f.run, f.ord, f.checksum, $3, $4::boolean, $5::boolean
  FROM orchestrate.phase f
 WHERE f.run = $1::bigint AND f.ord = $2::integer;
