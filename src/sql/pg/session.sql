-- Pins what could otherwise come from the role, the database or PGOPTIONS.  One
-- SELECT, so that it is one round trip.  search_path: no schema of a user can
-- shadow anything we call.  The time-outs end what a dead client leaves behind;
-- client_connection_check_interval exists since 14 ($1).  Until it has run, operators and
-- types without a schema may be anybody's.
SELECT pg_catalog.set_config(s.name, s.value, false)
  FROM (VALUES ('search_path', 'pg_catalog, pg_temp'),
               ('TimeZone', 'UTC'),
               ('DateStyle', 'ISO, MDY'),
               ('IntervalStyle', 'postgres'),
               ('extra_float_digits', '1'),
               ('bytea_output', 'hex'),
               ('standard_conforming_strings', 'on'),
               ('escape_string_warning', 'off'),
               -- Compiling a catalog query took 43 s where running it took 0.1 s.
               ('jit', 'off'),
               ('client_min_messages', 'warning'),
               ('default_transaction_isolation', 'read committed'),
               ('default_transaction_deferrable', 'off'),
               ('lock_timeout', '2s'),
               ('statement_timeout', '0'),
               ('idle_in_transaction_session_timeout', '60s'),
               ('tcp_keepalives_idle', '10'),
               ('tcp_keepalives_interval', '5'),
               ('tcp_keepalives_count', '3')) AS s (name, value)
UNION ALL
SELECT pg_catalog.set_config('client_connection_check_interval', '2s', false)
 WHERE $1::pg_catalog.int4 OPERATOR(pg_catalog.>=) 140000;
