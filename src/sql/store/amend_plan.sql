-- The plan as it was edited.  $2 canonical, $3 checksum, $4 code_new, $5 source,
-- $6 description, $7 owner, $8 ticket, $9 how many phases.
UPDATE orchestrate.plan
   SET canonical = $2, checksum = $3, code_new = $4, source = $5, description = $6, owner = $7, ticket = $8, n_phases = $9::integer
 WHERE run = $1::bigint;
