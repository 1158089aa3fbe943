-- A running backfill looks at this with every batch.
UPDATE orchestrate.control c SET stop = $2::boolean WHERE c.run = $1::bigint AND c.stop <> $2::boolean;
