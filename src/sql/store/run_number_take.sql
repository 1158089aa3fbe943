-- A number of its own for the next run, whoever else registers one at this moment.
SELECT pg_catalog.nextval('orchestrate.run_number') AS id;
