-- The plan as it was edited.  $2 canonical, $3 checksum, $4 code_new, $5 source,
-- $6 description, $7 owner, $8 ticket.
UPDATE orchestrate.plan
   SET canonical = $2, checksum = $3, code_new = $4, source = $5, description = $6, owner = $7, ticket = $8
 WHERE run = $1::bigint;
