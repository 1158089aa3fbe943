-- How long the server lets two sessions wait before it makes an autovacuum give way.
SELECT s.setting::pg_catalog.int8 AS ms FROM pg_catalog.pg_settings s WHERE s.name = 'deadlock_timeout';
