-- Is this the backfill of the run?  It says so by a setting.  Anybody can set that, so
-- it counts only in a session that may act as the owner of the table, who could switch
-- triggers off anyway.  Looked up along the path of whoever writes: no operators.
SELECT coalesce(pg_catalog.texteq(pg_catalog.current_setting('orchestrate.backfill', true), :'run'), false)
   AND pg_catalog.pg_has_role(session_user, :owner_oid::pg_catalog.oid, :'acting')
