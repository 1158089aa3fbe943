-- What the role may do.  $1 is there a state schema, $2 may it set
-- session_replication_role.
WITH me AS (
    SELECT r.rolname, r.rolsuper,
           CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 160000 THEN 'SET' ELSE 'MEMBER' END AS acting
      FROM pg_catalog.pg_roles r WHERE r.rolname = session_user
), owned AS ( -- schemas with tables, by owner
    SELECT DISTINCT n.oid, n.nspname, o.rolname AS owner, pg_catalog.pg_has_role(session_user, o.oid, me.acting) AS may_act,
           pg_catalog.has_schema_privilege(o.oid, n.oid, 'CREATE') AS may_create
      FROM me, pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_roles o ON o.oid = c.relowner
     WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'orchestrate')
), finding (ord, verdict, code, text, hint) AS (
    SELECT 1, 'note', 'superuser', 'this role is a superuser; one that is a member of the tables'' owner is enough',
           'A step acts as the owner of its table, whose functions it may call (checks, generated columns, triggers): one with RESET ROLE in it is a superuser then.'
      FROM me WHERE rolsuper
     UNION ALL
    SELECT 1, 'note', 'state-owner', pg_catalog.format('the state schema belongs to role %s, which is no superuser: it can put a function of its own in the place of ours, and this role would call it', o.rolname),
           pg_catalog.format('Call orchestrate as %I, or as another role that is no superuser.', o.rolname)
      FROM me, pg_catalog.pg_namespace n
      JOIN pg_catalog.pg_roles o ON o.oid = n.nspowner
     WHERE $1::boolean AND me.rolsuper AND n.nspname = 'orchestrate' AND NOT o.rolsuper
     UNION ALL
    SELECT 2, 'problem', 'create', pg_catalog.format('there is no state schema yet, and role %s may not create one', rolname),
           pg_catalog.format('GRANT CREATE ON DATABASE %I TO %I; or let somebody else run `orchestrate init`.', pg_catalog.current_database(), rolname)
      FROM me WHERE NOT $1::boolean AND NOT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
     UNION ALL
    SELECT 3, CASE WHEN pg_catalog.pg_has_role(session_user, 'pg_read_all_stats', 'USAGE') THEN 'ok' ELSE 'warning' END, 'stats',
           CASE WHEN pg_catalog.pg_has_role(session_user, 'pg_read_all_stats', 'USAGE')
                THEN 'sessions of others and the lag of standbys can be seen'
                ELSE 'sessions of others and the lag of standbys cannot be seen: where there are standbys a backfill stops, and the switch waits for more than it has to' END,
           CASE WHEN NOT pg_catalog.pg_has_role(session_user, 'pg_read_all_stats', 'USAGE')
                THEN pg_catalog.format('GRANT pg_monitor TO %I;', rolname) END
      FROM me
     UNION ALL
    SELECT 4, CASE WHEN $2::boolean THEN 'ok' ELSE 'note' END, 'replica-role',
           CASE WHEN $2::boolean THEN 'a backfill can keep triggers of the user still by its session'
                ELSE 'session_replication_role may not be set: triggers of the user get a condition while a backfill runs' END, NULL
     UNION ALL
    SELECT 5, 'ok', 'owner', pg_catalog.format('tables of schema %s owned by %s can be changed', nspname, owner), NULL
      FROM owned WHERE may_act AND may_create
     UNION ALL
    SELECT 6, 'warning', 'schema-create', pg_catalog.format('%s, the owner of tables in schema %s, may not create in it', owner, nspname),
           pg_catalog.format('GRANT CREATE ON SCHEMA %I TO %I;', nspname, owner)
      FROM owned WHERE may_act AND NOT may_create
     UNION ALL
    SELECT 7, CASE WHEN (SELECT pg_catalog.bool_or(may_act) FROM owned) THEN 'note' ELSE 'problem' END, 'owner',
           pg_catalog.format('tables of schema %s owned by %s cannot be changed by role %s', nspname, owner, rolname),
           pg_catalog.format('GRANT %I TO %I;', owner, rolname)
      FROM owned, me WHERE NOT may_act
)
SELECT verdict, code, text, hint FROM finding ORDER BY ord, text;
