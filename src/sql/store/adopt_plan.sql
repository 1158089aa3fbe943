-- The run belongs to this database from here on.  $2: the system identifier or NULL.
UPDATE orchestrate.plan p
   SET system_id = $2, database_oid = d.oid, database_name = d.datname
  FROM pg_catalog.pg_database d
 WHERE p.run = $1::bigint AND d.datname = pg_catalog.current_database();
