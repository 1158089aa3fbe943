-- The gates of the stored program, by phase.
SELECT g.phase, g.name, g.sql, g.args, g.always, g.overridable, g.must_hold, g.change
  FROM orchestrate.gate g
 WHERE g.run = $1::bigint
 ORDER BY g.phase, g.ord;
