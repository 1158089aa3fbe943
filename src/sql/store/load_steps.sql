-- The steps of the stored program; of each phase those on the way forward first.
SELECT s.phase, s.undo, s.id, s.kind, s.title, s.prepare, s.next, s.sql, s.done, s.publish, s.leftovers, s.guard, s.relation,
       s.role, s.parts, s.custom, s.loses, s.lock, s.moment, s.risk
  FROM orchestrate.step s
 WHERE s.run = $1::bigint
 ORDER BY s.phase, s.undo, s.ord;
