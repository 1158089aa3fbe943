-- The intent, before a step that no transaction can hold together with its record.
INSERT INTO orchestrate.attempt (run, attempt, phase, undo, ord, epoch, backend_pid, backend_start, system_id)
SELECT $1::bigint, $2::uuid, $3::integer, $4::boolean, $5::integer, $6::bigint, pg_catalog.pg_backend_pid(),
       a.backend_start, $7
  FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS a
    ON CONFLICT DO NOTHING;
