-- $1: ended ones too.  Of each name the live run, else the latest.
SELECT DISTINCT ON (p.name) p.run, p.name, p.app
  FROM orchestrate.plan p
 WHERE $1::boolean OR p.ended_at IS NULL
 ORDER BY p.name, p.ended_at IS NULL DESC, p.run DESC;
