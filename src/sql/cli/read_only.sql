-- A dry run, or a command that only reads: whatever it should try to write by
-- mistake, the server refuses.
SELECT pg_catalog.set_config('default_transaction_read_only', 'on', false);
