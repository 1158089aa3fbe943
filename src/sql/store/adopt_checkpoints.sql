-- Rows lie elsewhere than before: a backfill begins its sweep anew.
DELETE FROM orchestrate.checkpoint WHERE run = $1::bigint;
