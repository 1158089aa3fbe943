-- The deploy whose call began the phase that the run stands in.
SELECT h.detail ->> 'deploy_id' AS id
  FROM orchestrate.transition h
 WHERE h.run = $1::bigint AND h.to_phase = $2::integer AND h.to_state = 'running'
 ORDER BY h.seq DESC LIMIT 1;
