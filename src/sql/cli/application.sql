-- What pg_stat_activity shows of us from here on: orchestrate/PLAN/PHASE.
SELECT pg_catalog.set_config('application_name', $1, false);
