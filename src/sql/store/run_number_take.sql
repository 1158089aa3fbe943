SELECT pg_catalog.nextval('orchestrate.run_number') AS id;
