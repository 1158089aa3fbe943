-- Words about the plan, not the plan: kept, with an event.  $2 source, $3 description,
-- $4 owner, $5 ticket.
WITH edited AS (
    UPDATE orchestrate.plan p
       SET source = $2, description = $3, owner = $4, ticket = $5
     WHERE p.run = $1::bigint
       AND (p.source, p.description, p.owner, p.ticket) IS DISTINCT FROM ($2, $3, $4, $5)
    RETURNING p.run
)
INSERT INTO orchestrate.event (run, kind, detail)
SELECT e.run, 'plan_edited', pg_catalog.jsonb_build_object('description', $3::text, 'owner', $4::text, 'ticket', $5::text)
  FROM edited e
RETURNING run;
