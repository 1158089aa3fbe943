-- Why a table cannot be renamed in this way, and what is good to know before: all of it
-- at once.  $1 its oid, $2 the run, $3 the name it shall have.  Takes no lock on it.
WITH tab AS (
    SELECT c.oid, $2::text AS run, c.relname::text AS old_name, $3::text AS new_name, c.relkind, c.relnamespace, c.relowner, c.relpersistence, c.relispartition,
           c.relrowsecurity, c.relreplident, c.reltype, n.nspname,
           pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel, pg_catalog.format('%I.%I', n.nspname, $3::text) AS later,
           r.rolname AS owner,
           pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
     WHERE c.oid = $1::pg_catalog.oid
), runner AS (
    SELECT CASE WHEN tab.version >= 160000 THEN pg_catalog.pg_has_role(session_user, tab.relowner, 'SET')
                ELSE pg_catalog.pg_has_role(session_user, tab.relowner, 'MEMBER') END AS may_be_owner
      FROM tab
), word AS (
    SELECT CASE WHEN tab.old_name = pg_catalog.lower(tab.old_name) THEN '(?i)' ELSE '' END || '(^|[^[:alnum:]_$])'
             -- ORDER BY names no table: words of SQL itself are names in quotes and behind a dot.
             || pg_catalog.replace(CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_get_keywords() k WHERE k.word = pg_catalog.lower(tab.old_name) AND k.catcode IN ('R', 'T'))
                                        THEN '(?:["'']@["'']|(?<=\.\s*)@)' ELSE '"?@"?' END,
                                   '@', pg_catalog.regexp_replace(pg_catalog.replace(tab.old_name, '"', '""'), '([].*+?(){}|^$\\[])', '\\\1', 'g')) || '($|[^[:alnum:]_$])' AS pattern
      FROM tab
), func AS ( -- functions of users that are kept as text
    SELECT p.oid, p.prosrc, p.oid::pg_catalog.regprocedure::text AS what
      FROM pg_catalog.pg_proc p
      JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      JOIN pg_catalog.pg_language l ON l.oid = p.prolang
     WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'orchestrate') AND l.lanname NOT IN ('internal', 'c')
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                        WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e')
), pub AS ( -- by name, by a parent's name, by schema, or all
    SELECT DISTINCT p.pubname::text AS name
      FROM tab, pg_catalog.pg_publication p
     WHERE p.puballtables
        OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel pr
                    WHERE pr.prpubid = p.oid
                      AND (pr.prrelid = tab.oid OR pr.prrelid IN (SELECT a.relid FROM pg_catalog.pg_partition_ancestors(tab.oid) AS a (relid))))
        OR EXISTS (SELECT FROM pg_catalog.pg_depend d -- a publication of a schema, since 15; 13 and 14 have no such catalog
                     JOIN pg_catalog.pg_class k ON k.oid = d.classid AND k.relname = 'pg_publication_namespace' AND k.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
                    WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = tab.relnamespace
                      AND EXISTS (SELECT FROM pg_catalog.pg_depend o
                                   WHERE o.classid = d.classid AND o.objid = d.objid AND o.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass AND o.refobjid = p.oid))
), reader AS ( -- who may read some columns, but not all: see partial_readers.sql and invoker_needed.sql
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.name) END AS name,
           CASE WHEN tab.relrowsecurity THEN 'policies'
                WHEN EXISTS (SELECT FROM pg_catalog.pg_partition_tree(tab.oid) p JOIN pg_catalog.pg_class f ON f.oid = p.relid AND f.relkind = 'f')
                THEN 'foreign partitions' END AS denied_by
      FROM tab
      JOIN pg_catalog.pg_attribute t ON t.attrelid = tab.oid AND t.attnum > 0 AND NOT t.attisdropped
     CROSS JOIN LATERAL pg_catalog.aclexplode(t.attacl) a
     CROSS JOIN LATERAL (SELECT CASE a.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(a.grantee) END) AS r (name)
     WHERE tab.version >= 150000 AND a.privilege_type = 'SELECT' AND a.grantee <> tab.relowner
       AND EXISTS (SELECT FROM pg_catalog.pg_attribute o
                    WHERE o.attrelid = tab.oid AND o.attnum > 0 AND NOT o.attisdropped
                      AND NOT pg_catalog.has_column_privilege(r.name, tab.oid, o.attnum, 'SELECT'))
), finding (level, code, message, hint, acceptable) AS (
    SELECT 'refuse', 'not-a-table',
           pg_catalog.format('%s is %s; this renames ordinary and partitioned tables', tab.rel,
                             CASE tab.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view' WHEN 'f' THEN 'a foreign table'
                                              WHEN 'S' THEN 'a sequence' ELSE 'no table' END),
           CASE tab.relkind WHEN 'S' THEN 'Nobody but defaults uses a sequence by name: ALTER SEQUENCE ... RENAME TO is safe if no code does.'
                            WHEN 'f' THEN 'A view of the new name on it, and later ALTER FOREIGN TABLE ... RENAME TO, can be written as a custom plan.'
                            ELSE 'Make a view of the new name like it, and drop the old one once nobody uses it.' END, false
      FROM tab WHERE tab.relkind NOT IN ('r', 'p')
     UNION ALL
    SELECT 'refuse', 'temporary', pg_catalog.format('%s is temporary: no other session sees it', tab.rel), 'ALTER TABLE ... RENAME TO does it at once.', false
      FROM tab WHERE tab.relpersistence = 't'
     UNION ALL
    SELECT 'refuse', 'system-table', pg_catalog.format('%s belongs to %s', tab.rel,
                             CASE WHEN tab.nspname = 'orchestrate' THEN 'the state of orchestrate' ELSE 'Postgres itself' END), 'It keeps its name.', false
      FROM tab WHERE tab.nspname ~ '^pg_' OR tab.nspname IN ('information_schema', 'orchestrate')
     UNION ALL
    SELECT 'refuse', 'extension-member',
           pg_catalog.format('%s belongs to extension %s, whose scripts know it by its name', tab.rel, pg_catalog.string_agg(pg_catalog.quote_ident(e.extname), ', ')),
           'Leave it, or ask the authors of the extension.', false
      FROM tab
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = tab.oid AND d.deptype = 'e'
      JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
     GROUP BY tab.rel
     UNION ALL
    SELECT 'refuse', 'name-taken', pg_catalog.format('schema %I has %s %I already', tab.nspname, taken.what, tab.new_name),
           CASE WHEN tab.old_name = tab.new_name THEN 'It is the present name: there would be nothing to do.' ELSE 'Choose another name, or rename or drop that first.' END, false
      FROM tab
     CROSS JOIN LATERAL (
           SELECT CASE c.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view' WHEN 'i' THEN 'an index' WHEN 'I' THEN 'an index' WHEN 'S' THEN 'a sequence'
                                 WHEN 'c' THEN 'a type' WHEN 'f' THEN 'a foreign table' ELSE 'a table' END, 1
             FROM pg_catalog.pg_class c WHERE c.relnamespace = tab.relnamespace AND c.relname = tab.new_name
            UNION ALL
           SELECT 'a type', 2
             FROM pg_catalog.pg_type t WHERE t.typnamespace = tab.relnamespace AND t.typname = tab.new_name
              -- The array type of a type makes room by itself, here as for the plain statement.
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_type element WHERE element.typarray = t.oid)
            ORDER BY 2 LIMIT 1) AS taken (what)
     UNION ALL
    SELECT 'refuse', 'helper-exists', pg_catalog.format('schema %I has things that bear the names this run would use: %s', tab.nspname, pg_catalog.string_agg(o.what, ', ' ORDER BY o.what)),
           'They may belong to a run whose record was lost, by a restore for instance. Drop them if nothing needs them.', false
      FROM tab, LATERAL (
           SELECT pg_catalog.quote_ident(c.relname) FROM pg_catalog.pg_class c WHERE c.relnamespace = tab.relnamespace AND pg_catalog.starts_with(c.relname, pg_catalog.format('_orch_%s_', tab.run))) AS o (what)
     GROUP BY tab.nspname
     UNION ALL
    SELECT 'refuse', 'row-security',
           pg_catalog.format('%s has row level security, and a view on Postgres %s would show everybody the rows that its owner may see', tab.rel, tab.version / 10000),
           'Possible since Postgres 15. Before that: ALTER TABLE ... RENAME TO in a maintenance window, with old and new code stopped.', false
      FROM tab WHERE tab.relrowsecurity AND tab.version < 150000
     UNION ALL
    SELECT 'refuse', 'column-privileges',
           pg_catalog.format('%s may read only some columns of %s, which has %s: its view has to look at the rights of who asks, and denies everything to who may not read all columns. '
                             || 'So they are denied by %s until switch, and by %s from then on', pg_catalog.string_agg(reader.name, ', ' ORDER BY reader.name),
                             tab.rel, reader.denied_by, tab.later, tab.rel),
           pg_catalog.format('GRANT SELECT ON %s to them until contract, if they may see it; or change names in their code together with switch, and accept this.', tab.rel), true
      FROM tab, reader WHERE reader.denied_by IS NOT NULL GROUP BY tab.rel, tab.later, reader.denied_by
     UNION ALL
    SELECT 'refuse', 'no-columns', pg_catalog.format('%s has no columns: there would be nothing to see through a view', tab.rel), 'ALTER TABLE ... RENAME TO does it at once.', false
      FROM tab WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = tab.oid AND a.attnum > 0 AND NOT a.attisdropped)
     UNION ALL
    SELECT 'refuse', 'published-table',
           pg_catalog.format('%s is published (%s): from switch on its rows arrive as those of %I, and subscribers that have no such table stop', tab.rel,
                             pg_catalog.string_agg(pg_catalog.quote_ident(pub.name), ', ' ORDER BY pub.name), tab.new_name),
           pg_catalog.format('Rename it on every subscriber together with switch, or let a view that can be written to stand there as %I; then accept this.', tab.new_name), true
      FROM tab, pub GROUP BY tab.rel, tab.new_name
     UNION ALL
    SELECT 'refuse', 'subscription-target',
           pg_catalog.format('%s receives rows from a publisher, which go to the table of that name and not into a view: they would stop at switch', tab.rel),
           'Rename it on the publisher together with switch, then accept this.', true
      FROM tab WHERE EXISTS (SELECT FROM pg_catalog.pg_subscription_rel s WHERE s.srrelid = tab.oid)
     UNION ALL
    SELECT 'refuse', 'inheritance-children',
           pg_catalog.format('others inherit from %s (%s), and through a view ONLY means nothing: DELETE FROM ONLY would reach their rows', tab.rel,
                             pg_catalog.string_agg(i.inhrelid::pg_catalog.regclass::text, ', ' ORDER BY i.inhrelid::pg_catalog.regclass::text)),
           pg_catalog.format('Make sure that no statement says ONLY %s, then accept this.', tab.rel), true
      FROM tab JOIN pg_catalog.pg_inherits i ON i.inhparent = tab.oid
     WHERE tab.relkind = 'r'
     GROUP BY tab.rel
     UNION ALL
    SELECT 'refuse', 'not-owner', pg_catalog.format('role %I may not act as %I, who owns %s', session_user, tab.owner, tab.rel),
           CASE WHEN (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = tab.relowner)
                THEN pg_catalog.format('Run this as %I, or give the table an owner that is no superuser.', tab.owner)
                ELSE pg_catalog.format('GRANT %I TO %I', tab.owner, session_user) || CASE WHEN tab.version >= 160000 THEN ' WITH SET TRUE.' ELSE '.' END END, false
      FROM tab, runner WHERE NOT runner.may_be_owner
     UNION ALL
    SELECT 'refuse', 'schema-privilege', pg_catalog.format('%I, who owns %s, has no %s on schema %I, where a view has to be made', tab.owner, tab.rel, p.name, tab.nspname),
           pg_catalog.format('GRANT %s ON SCHEMA %I TO %I.', p.name, tab.nspname, tab.owner), false
      FROM tab, (VALUES ('CREATE'), ('USAGE')) AS p (name) WHERE NOT pg_catalog.has_schema_privilege(tab.relowner, tab.relnamespace, p.name)
     UNION ALL
    SELECT 'refuse', 'table-privilege', pg_catalog.format('%I, who owns %s, has lost %s on it, without which neither the view works nor can it be locked', tab.owner, tab.rel, p.name),
           pg_catalog.format('GRANT %s ON %s TO %I.', p.name, tab.rel, tab.owner), false
      FROM tab, (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) AS p (name)
     WHERE tab.relkind IN ('r', 'p') AND NOT pg_catalog.has_table_privilege(tab.relowner, tab.oid, p.name)
     UNION ALL
    SELECT 'refuse', 'language-privilege', CASE WHEN l.oid IS NULL THEN 'this database has no PL/pgSQL, in which the steps look once more before they act'
                                                ELSE pg_catalog.format('%I, who owns %s, may not use the language PL/pgSQL', tab.owner, tab.rel) END,
           CASE WHEN l.oid IS NULL THEN 'CREATE EXTENSION plpgsql.' ELSE pg_catalog.format('GRANT USAGE ON LANGUAGE plpgsql TO %I.', tab.owner) END, false
      FROM tab LEFT JOIN pg_catalog.pg_language l ON l.lanname = 'plpgsql'
     WHERE NOT coalesce(pg_catalog.has_language_privilege(tab.relowner, l.oid, 'USAGE'), false)
     UNION ALL
    SELECT 'warn', 'through-the-view',
           pg_catalog.format('one of %s and %s is a view until contract (first the new name, after switch the old one). Through it SELECT, INSERT, UPDATE, DELETE, RETURNING, ON CONFLICT (columns) and row locks work; these do not: '
                             || 'COPY ... FROM and COPY ... TO by name, TRUNCATE, ON CONFLICT ON CONSTRAINT, %sTABLESAMPLE, WHERE CURRENT OF, the columns ctid, xmin and tableoid, '
                             || 'GROUP BY the primary key alone, UPDATE ... SET column = DEFAULT of identity and generated columns, pg_get_serial_sequence(), and all DDL. '
                             || 'Prepared statements go on; those that return a row as one value (SELECT %I FROM %I) fail in each session from switch on until it prepares them again', tab.rel, tab.later,
                             CASE WHEN tab.version < 170000 THEN 'MERGE, ' ELSE '' END, tab.old_name, tab.old_name),
           'Old code keeps the table itself until switch, new code has it from switch on: what needs the table should wait for the right side of switch.', false
      FROM tab WHERE tab.relkind IN ('r', 'p')
     UNION ALL
    SELECT 'warn', 'names-kept',
           pg_catalog.format('sequences, indexes and constraints of %s keep their names, as with ALTER TABLE ... RENAME TO', tab.rel),
           NULL, false
      FROM tab WHERE tab.relkind IN ('r', 'p')
     UNION ALL
    SELECT 'warn', 'rights-later',
           pg_catalog.format('privileges and defaults of the view are copied from %s when it is made: what is granted, revoked or given as a default later has to be said for both names until contract', tab.rel), NULL, false
      FROM tab WHERE tab.relkind IN ('r', 'p')
     UNION ALL
    SELECT 'warn', 'column-privileges',
           pg_catalog.format('%s may read only some columns of %s; so that they may by both names, the view looks at the rights of its owner, as before Postgres 15',
                             pg_catalog.string_agg(reader.name, ', ' ORDER BY reader.name), tab.rel),
           pg_catalog.format('Do not enable row level security on %s before contract: it would not be obeyed through the view.', tab.rel), false
      FROM tab, reader WHERE reader.denied_by IS NULL GROUP BY tab.rel
     UNION ALL
    SELECT 'warn', 'function-bodies',
           pg_catalog.format('functions whose text names %I: %s', tab.old_name, pg_catalog.string_agg(func.what, ', ' ORDER BY func.what)),
           pg_catalog.format('They work through the view until contract. Change them to %I before it; the gate function_bodies waits for it.', tab.new_name), false
      FROM tab, func, word WHERE func.prosrc ~ word.pattern
     GROUP BY tab.old_name, tab.new_name
     UNION ALL
    SELECT 'warn', 'row-type',
           pg_catalog.format('the rows of a view are of another type, so that no row of it can be given to what takes rows of %s: %s', tab.rel,
                             pg_catalog.string_agg(user_of_type.what, ', ' ORDER BY user_of_type.what)),
           pg_catalog.format('Calls like f(%I) fail while that name is a view: with the new name before switch, with the old one after it. Change them so that they name columns.', tab.old_name), false
      FROM tab
      JOIN pg_catalog.pg_type y ON y.oid = tab.reltype
     CROSS JOIN LATERAL (
           SELECT p.oid::pg_catalog.regprocedure::text
             FROM pg_catalog.pg_proc p
            WHERE y.oid = ANY (p.proargtypes::pg_catalog.oid[]) OR y.typarray = ANY (p.proargtypes::pg_catalog.oid[])
            UNION ALL
           SELECT pg_catalog.format('column %I of %s', a.attname, a.attrelid::pg_catalog.regclass)
             FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f')
            WHERE a.atttypid IN (y.oid, y.typarray) AND a.attnum > 0 AND NOT a.attisdropped) AS user_of_type (what)
     GROUP BY tab.rel, tab.old_name
     UNION ALL
    SELECT 'warn', 'trigger-table-name',
           pg_catalog.format('trigger functions of %s use TG_TABLE_NAME or TG_RELNAME, which is %I from switch on: %s', tab.rel, tab.new_name,
                             pg_catalog.string_agg(DISTINCT t.tgfoid::pg_catalog.regprocedure::text, ', ')),
           'See what they do with it, e.g. an audit log by table name.', false
      FROM tab
      JOIN pg_catalog.pg_trigger t ON t.tgrelid = tab.oid AND NOT t.tgisinternal
      JOIN func ON func.oid = t.tgfoid AND func.prosrc ~* '\mtg_(table_name|relname)\M'
     GROUP BY tab.rel, tab.new_name
     UNION ALL
    SELECT 'warn', 'partition-tools',
           pg_catalog.format('%s is %s: tools that make or attach partitions by its name fail while that name is a view', tab.rel,
                             CASE WHEN tab.relkind = 'p' THEN 'partitioned' ELSE 'a partition' END),
           'Give them the new name together with switch.', false
      FROM tab WHERE tab.relkind = 'p' OR tab.relispartition
     UNION ALL
    SELECT 'warn', 'event-triggers', pg_catalog.format('event triggers see our statements, and may refuse them: %s', pg_catalog.string_agg(pg_catalog.quote_ident(e.evtname), ', ' ORDER BY e.evtname)), NULL, false
      FROM pg_catalog.pg_event_trigger e WHERE e.evtenabled <> 'D' HAVING pg_catalog.count(*) > 0
)
SELECT f.level, f.code, f.message, f.hint, f.acceptable
  FROM finding f
 ORDER BY f.level, f.acceptable, f.code;
