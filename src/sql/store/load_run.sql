-- Everything of a run that is one row; it stands where its last history row says.
SELECT p.run, p.name, p.description, p.owner, p.ticket, p.app, p.code_new, p.checksum, p.canonical, p.epoch, p.n_phases, p.search_path, p.gates_off,
       p.system_id, p.database_oid, p.database_name,
       (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()) AS here_oid,
       EXISTS (SELECT FROM orchestrate.amendment a WHERE a.run = p.run AND a.kind = 'forget') AS forgotten,
       c.paused, c.because, c.settings, t.seq, t.to_phase, t.to_state
  FROM orchestrate.plan p
  JOIN orchestrate.control c ON c.run = p.run
  JOIN LATERAL (SELECT h.seq, h.to_phase, h.to_state
                  FROM orchestrate.transition h
                 WHERE h.run = p.run
                 ORDER BY h.seq DESC LIMIT 1) t ON true
 WHERE p.run = $1::bigint;
