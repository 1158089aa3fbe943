-- $1 version, $2 system identifier or NULL.
INSERT INTO orchestrate.meta (version, system_id, database_oid, database_name)
SELECT $1::integer, $2, d.oid, d.datname
  FROM pg_catalog.pg_database d
 WHERE d.datname = pg_catalog.current_database();
