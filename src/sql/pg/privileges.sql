-- May this role run the backfill as a replica?  Superusers, and since 15 whoever
-- was granted SET on the parameter.  Asked only from 15 on: the function is newer.
SELECT pg_catalog.has_parameter_privilege('session_replication_role', 'SET') AS replica_role;
