-- Why a table cannot be dropped in this way, and what is good to know before: all of it
-- at once.  $1 its oid, $2 the run.  Takes no lock on it.
WITH RECURSIVE tab AS (
    SELECT c.oid, $2::text AS run, c.relname::text AS old_name, c.relkind, c.relnamespace, c.relowner, c.relpersistence, c.relispartition, n.nspname,
           pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel, r.rolname AS owner,
           pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
     WHERE c.oid = $1::pg_catalog.oid
), tree AS (
    SELECT tab.oid AS relid FROM tab
     UNION
    SELECT t.relid FROM tab, pg_catalog.pg_partition_tree(tab.oid) t WHERE tab.relkind = 'p'
), going (classid, objid) AS ( -- what goes with it by itself: see going.sql
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, tab.oid FROM tab
     UNION
    SELECT d.classid, d.objid
      FROM going g
      JOIN pg_catalog.pg_depend d ON d.refclassid = g.classid AND d.refobjid = g.objid AND d.deptype IN ('a', 'i', 'P', 'S')
), key AS ( -- foreign keys of others
    SELECT k.oid, k.conname, k.conrelid, k.confrelid, c.relkind, f.relkind AS confrelkind, c.relowner, r.rolname AS owner, pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel
      FROM tree
      JOIN pg_catalog.pg_constraint k ON k.contype = 'f' AND k.confrelid = tree.relid AND k.conparentid = 0
      JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
      JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
     WHERE k.conrelid NOT IN (SELECT t.relid FROM tree t)
), below (key, oid, conrelid, conname, convalidated) AS ( -- what partitions have of a key, see facts.sql
    SELECT key.oid, key.oid, key.conrelid, key.conname, k.convalidated FROM key JOIN pg_catalog.pg_constraint k ON k.oid = key.oid WHERE key.relkind = 'p'
     UNION
    SELECT below.key, k.oid, k.conrelid, k.conname, k.convalidated
      FROM below
      JOIN pg_catalog.pg_constraint k ON k.conparentid = below.oid AND k.conrelid <> below.conrelid
), piecewise AS ( -- keys that come back partition by partition
    SELECT DISTINCT key.rel, key.owner, key.conrelid, key.relowner
      FROM tab
     CROSS JOIN key
      JOIN below ON below.key = key.oid
      JOIN below whole ON whole.oid = key.oid
     WHERE key.confrelkind <> 'p' AND (tab.version < 180000
        OR below.oid <> key.oid AND (below.conname <> whole.conname OR below.convalidated <> whole.convalidated OR pg_catalog.obj_description(below.oid, 'pg_constraint') IS NOT NULL))
), leaving AS ( -- its own, on others
    SELECT k.oid, k.conname, k.conrelid, k.confrelid, k.confdeltype, k.confupdtype, pg_catalog.format('%I.%I', n.nspname, f.relname) AS target
      FROM tree
      JOIN pg_catalog.pg_constraint k ON k.contype = 'f' AND k.conrelid = tree.relid AND k.conparentid = 0
      JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = f.relnamespace
     WHERE k.confrelid NOT IN (SELECT t.relid FROM tree t)
), dependent AS (
    SELECT DISTINCT coalesce((SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, w.ev_class, 0)
                                FROM pg_catalog.pg_rewrite w
                               WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid AND w.rulename = '_RETURN'),
                             pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)) AS what
      FROM going g
      JOIN pg_catalog.pg_depend d ON d.refclassid = g.classid AND d.refobjid = g.objid AND d.deptype = 'n'
     WHERE NOT EXISTS (SELECT FROM going o WHERE o.classid = d.classid AND o.objid = d.objid)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                        WHERE d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = d.objid AND k.contype = 'f')
), may AS (
    SELECT o.oid, CASE WHEN tab.version >= 160000 THEN pg_catalog.pg_has_role(session_user, o.oid, 'SET')
                       ELSE pg_catalog.pg_has_role(session_user, o.oid, 'MEMBER') END AS be
      FROM tab, (SELECT tab.relowner AS oid FROM tab UNION SELECT key.relowner FROM key) o
), word AS (
    SELECT CASE WHEN tab.old_name = pg_catalog.lower(tab.old_name) THEN '(?i)' ELSE '' END || '(^|[^[:alnum:]_$])'
             -- ORDER BY names no table: words of SQL itself are names in quotes and behind a dot.
             || pg_catalog.replace(CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_get_keywords() k WHERE k.word = pg_catalog.lower(tab.old_name) AND k.catcode IN ('R', 'T'))
                                        THEN '(?:["'']@["'']|(?<=\.\s*)@)' ELSE '"?@"?' END,
                                   '@', pg_catalog.regexp_replace(pg_catalog.replace(tab.old_name, '"', '""'), '([].*+?(){}|^$\\[])', '\\\1', 'g')) || '($|[^[:alnum:]_$])' AS pattern
      FROM tab
), func AS ( -- functions of users that are kept as text
    SELECT p.prosrc, p.oid::pg_catalog.regprocedure::text AS what
      FROM pg_catalog.pg_proc p
      JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      JOIN pg_catalog.pg_language l ON l.oid = p.prolang
     WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'orchestrate') AND l.lanname NOT IN ('internal', 'c')
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                        WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e')
), pub AS ( -- by name, by schema, or all
    SELECT p.pubname::text AS name, EXISTS (SELECT FROM tree JOIN pg_catalog.pg_publication_rel r ON r.prrelid = tree.relid WHERE r.prpubid = p.oid) AS named
      FROM pg_catalog.pg_publication p
     WHERE p.puballtables
        OR EXISTS (SELECT FROM tree JOIN pg_catalog.pg_publication_rel r ON r.prrelid = tree.relid WHERE r.prpubid = p.oid)
        OR EXISTS (SELECT FROM tree -- a publication of a schema, since 15; 13 and 14 have no such catalog
                     JOIN pg_catalog.pg_class c ON c.oid = tree.relid
                     JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = c.relnamespace
                     JOIN pg_catalog.pg_class k ON k.oid = d.classid AND k.relname = 'pg_publication_namespace' AND k.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
                     JOIN pg_catalog.pg_depend o ON o.classid = d.classid AND o.objid = d.objid
                      AND o.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass AND o.refobjid = p.oid)
), finding (level, code, message, hint, acceptable) AS (
    SELECT 'refuse', 'not-a-table',
           pg_catalog.format('%s is %s; this drops ordinary and partitioned tables', tab.rel,
                             CASE tab.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view' WHEN 'f' THEN 'a foreign table'
                                              WHEN 'S' THEN 'a sequence' ELSE 'no table' END),
           'It holds no rows of its own that could be lost: DROP it once nobody uses it.', false
      FROM tab WHERE tab.relkind NOT IN ('r', 'p')
     UNION ALL
    SELECT 'refuse', 'temporary', pg_catalog.format('%s is temporary: no other session sees it', tab.rel), 'DROP TABLE does it at once.', false
      FROM tab WHERE tab.relpersistence = 't'
     UNION ALL
    SELECT 'refuse', 'system-table', pg_catalog.format('%s belongs to %s', tab.rel,
                             CASE WHEN tab.nspname = 'orchestrate' THEN 'the state of orchestrate' ELSE 'Postgres itself' END), 'It stays.', false
      FROM tab WHERE tab.nspname ~ '^pg_' OR tab.nspname IN ('information_schema', 'orchestrate')
     UNION ALL
    SELECT 'refuse', 'extension-member',
           pg_catalog.format('%s belongs to extension %s', tab.rel, pg_catalog.string_agg(pg_catalog.quote_ident(e.extname), ', ')),
           pg_catalog.format('It goes with its extension: DROP EXTENSION, or ALTER EXTENSION ... DROP TABLE %s first.', tab.rel), false
      FROM tab
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = tab.oid AND d.deptype = 'e'
      JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
     GROUP BY tab.rel
     UNION ALL
    SELECT 'refuse', 'helper-exists', pg_catalog.format('schema %I has things that bear the names this run would use: %s', tab.nspname, pg_catalog.string_agg(o.what, ', ' ORDER BY o.what)),
           'They may belong to a run whose record was lost, by a restore for instance. Drop them if nothing needs them.', false
      FROM tab, LATERAL (
           SELECT pg_catalog.quote_ident(c.relname) FROM pg_catalog.pg_class c WHERE c.relnamespace = tab.relnamespace AND pg_catalog.starts_with(c.relname, pg_catalog.format('_orch_%s_', tab.run))) AS o (what)
     GROUP BY tab.nspname
     UNION ALL
    SELECT 'refuse', 'partition', pg_catalog.format('%s is a partition of %s: its rows are seen there whatever it is called', tab.rel, i.inhparent::pg_catalog.regclass),
           pg_catalog.format('ALTER TABLE %s DETACH PARTITION %s%s; then this.', i.inhparent::pg_catalog.regclass, tab.rel, CASE WHEN tab.version >= 140000 THEN ' CONCURRENTLY' ELSE '' END), false
      FROM tab JOIN pg_catalog.pg_inherits i ON i.inhrelid = tab.oid WHERE tab.relispartition
     UNION ALL
    SELECT 'refuse', 'inherits', pg_catalog.format('%s inherits from %s: its rows are seen there whatever it is called', tab.rel, pg_catalog.string_agg(i.inhparent::pg_catalog.regclass::text, ', ')),
           pg_catalog.format('ALTER TABLE %s NO INHERIT %s; then this.', tab.rel, pg_catalog.min(i.inhparent::pg_catalog.regclass::text)), false
      FROM tab JOIN pg_catalog.pg_inherits i ON i.inhrelid = tab.oid WHERE NOT tab.relispartition GROUP BY tab.rel
     UNION ALL
    SELECT 'refuse', 'partitions', pg_catalog.format('with %s go its partitions: %s', tab.rel, pg_catalog.string_agg(tree.relid::pg_catalog.regclass::text, ', ' ORDER BY tree.relid::pg_catalog.regclass::text)),
           'Detach what shall stay. If all of it goes, accept this.', true
      FROM tab, tree WHERE tree.relid <> tab.oid GROUP BY tab.rel
     UNION ALL
    SELECT 'refuse', 'dependents', pg_catalog.format('others have built on %s: %s', tab.rel, pg_catalog.string_agg(dependent.what, ', ' ORDER BY dependent.what)),
           'Drop them, or make them do without, first. DROP TABLE would refuse as well.', false
      FROM tab, dependent GROUP BY tab.rel
     UNION ALL
    SELECT 'refuse', 'published-table',
           pg_catalog.format('%s is published (%s): what a foreign key still deletes or changes in it once it is set aside arrives as that of %I, and subscribers that have no such table stop; then it silently goes from there', tab.rel,
                             pg_catalog.string_agg(pg_catalog.quote_ident(pub.name), ', ' ORDER BY pub.name), pg_catalog.format('_orch_%s_tombstone', tab.run)),
           coalesce('ALTER PUBLICATION ' || pg_catalog.quote_ident(pg_catalog.min(pub.name) FILTER (WHERE pub.named)) || pg_catalog.format(' DROP TABLE %s, when subscribers can do without; or accept this.', tab.rel),
                    'It cannot be taken out of a publication of its schema, or of all tables: drop its foreign keys with ON DELETE or ON UPDATE first, or move it to a schema that is not published; then accept this.'), true
      FROM tab, pub GROUP BY tab.rel, tab.run
     UNION ALL
    SELECT 'refuse', 'subscription-target',
           pg_catalog.format('%s receives rows from a publisher: replication stops when it is set aside', tab.rel),
           'Take it out of the publication first and refresh the subscription; or accept this.', true
      FROM tab WHERE EXISTS (SELECT FROM pg_catalog.pg_subscription_rel s WHERE s.srrelid IN (SELECT tree.relid FROM tree))
     UNION ALL
    SELECT 'refuse', 'partitioned-foreign-key',
           pg_catalog.format('%s is partitioned, and so are tables that reference it: before Postgres 18 their foreign keys cannot be NOT VALID, so the way back would read them under its locks: %s', tab.rel,
                             pg_catalog.string_agg(pg_catalog.format('%I of %s', key.conname, key.rel), ', ' ORDER BY key.rel, key.conname)),
           pg_catalog.format('If they may go: ALTER TABLE %s DROP CONSTRAINT %I; then this.', pg_catalog.min(key.rel), pg_catalog.min(key.conname::text)), false
      FROM tab, key WHERE key.relkind = 'p' AND key.confrelkind = 'p' AND tab.version < 180000 GROUP BY tab.rel
     UNION ALL
    SELECT 'refuse', 'partitioned-foreign-key',
           pg_catalog.format('%s is partitioned, and so is %s: the way back makes its foreign key %I as a whole, and would not give that of %s what it has of its own (name, comment, or that it is not valid)', tab.rel, key.rel, key.conname,
                             pg_catalog.string_agg(below.conrelid::pg_catalog.regclass::text, ', ' ORDER BY below.conrelid::pg_catalog.regclass::text)),
           pg_catalog.format('ALTER TABLE ... RENAME CONSTRAINT ... TO %I (COMMENT ... IS NULL, VALIDATE CONSTRAINT) there; or accept this.', key.conname), true
      FROM tab
     CROSS JOIN key
      JOIN below ON below.key = key.oid AND below.oid <> key.oid
      JOIN below whole ON whole.oid = key.oid
     WHERE tab.version >= 180000 AND key.confrelkind = 'p'
       AND (below.conname <> whole.conname OR below.convalidated <> whole.convalidated OR pg_catalog.obj_description(below.oid, 'pg_constraint') IS NOT NULL)
     GROUP BY tab.rel, key.rel, key.conname
     UNION ALL
    SELECT 'refuse', 'disabled-triggers',
           pg_catalog.format('triggers of the foreign key %I of %s do not fire as they do by default (ALTER TABLE ... DISABLE TRIGGER, ENABLE ALWAYS or REPLICA): %s; the way back makes the key anew, with triggers that do', key.conname, key.rel,
                             pg_catalog.string_agg(DISTINCT pg_catalog.format('%s on %s', t.tgname, t.tgrelid::pg_catalog.regclass), ', ')),
           'ALTER TABLE ... ENABLE TRIGGER (a superuser may); or drop the key first, if it may go for good; or accept this.', true
      FROM key
      JOIN pg_catalog.pg_trigger t ON t.tgenabled <> 'O'
       AND (t.tgconstraint = key.oid OR t.tgconstraint IN (SELECT below.oid FROM below WHERE below.key = key.oid))
     GROUP BY key.conname, key.rel
     UNION ALL
    SELECT 'refuse', 'partition-owner', pg_catalog.format('partitions of %s belong to roles that %I may not act for: %s; they had to be altered one by one to bring its foreign key back', piecewise.rel, piecewise.owner,
                             pg_catalog.string_agg(DISTINCT c.oid::pg_catalog.regclass::text, ', ')),
           pg_catalog.format('ALTER TABLE ... OWNER TO %I.', piecewise.owner), false
      FROM piecewise, pg_catalog.pg_partition_tree(piecewise.conrelid) t
      JOIN pg_catalog.pg_class c ON c.oid = t.relid
     WHERE NOT pg_catalog.pg_has_role(piecewise.relowner, c.relowner, 'USAGE') GROUP BY piecewise.rel, piecewise.owner
     UNION ALL
    SELECT CASE WHEN many.n > 400 THEN 'refuse' ELSE 'warn' END, 'many-partitions',
           pg_catalog.format('%s references %s and has %s partitions: the way back puts its foreign key together from those of the partitions, which locks both for about half a millisecond for each%s', key.rel, tab.rel, many.n,
                             CASE WHEN many.n > 400 THEN '; from 400 on that is too long' END),
           CASE WHEN many.n > 400 THEN pg_catalog.format('If it may go: ALTER TABLE %s DROP CONSTRAINT %I; then this.', key.rel, key.conname)
                ELSE 'Let max_locks_per_transaction be well above that number.' END, false
      FROM tab, key
     CROSS JOIN LATERAL (SELECT pg_catalog.max(b.n) AS n
                           FROM (SELECT pg_catalog.count(*) AS n FROM pg_catalog.pg_partition_tree(key.conrelid) t WHERE t.level > 0 GROUP BY t.parentrelid) b) AS many
     WHERE key.relkind = 'p' AND key.confrelkind <> 'p' AND tab.version < 180000 AND many.n > 20
     UNION ALL
    SELECT 'refuse', 'no-statistics', 'the server counts no uses of tables (track_counts is off): nobody would notice that it is still in use',
           'ALTER SYSTEM SET track_counts = on; or accept this.', true
      FROM tab WHERE pg_catalog.current_setting('track_counts') = 'off'
     UNION ALL
    SELECT 'refuse', 'not-owner', pg_catalog.format('role %I may not act as %I, who owns %s', session_user, o.owner, o.rel),
           CASE WHEN (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = o.relowner)
                THEN pg_catalog.format('Run this as %I, or give the table an owner that is no superuser.', o.owner)
                ELSE pg_catalog.format('GRANT %I TO %I', o.owner, session_user) || CASE WHEN tab.version >= 160000 THEN ' WITH SET TRUE.' ELSE '.' END END, false
      FROM tab, (SELECT tab.relowner, tab.owner, tab.rel FROM tab UNION SELECT key.relowner, key.owner, key.rel FROM key) o
      JOIN may ON may.oid = o.relowner AND NOT may.be
     UNION ALL
    SELECT 'refuse', 'references-privilege',
           pg_catalog.format('%I, who owns %s, has no REFERENCES on %s: its foreign key could not be brought back', key.owner, key.rel, tab.rel),
           pg_catalog.format('GRANT REFERENCES ON %s TO %I.', tab.rel, key.owner), false
      FROM tab, (SELECT DISTINCT key.relowner, key.owner, key.rel, key.confrelid FROM key) key
     WHERE NOT pg_catalog.has_table_privilege(key.relowner, key.confrelid, 'REFERENCES')
       AND NOT pg_catalog.has_any_column_privilege(key.relowner, key.confrelid, 'REFERENCES')
     UNION ALL
    SELECT 'refuse', 'row-security',
           pg_catalog.format('%I, who owns %s, does not see all rows of %s (row level security): whether a row has lost its partner could not be told on the way back', h.owner, h.rel, h.hidden),
           pg_catalog.format('ALTER ROLE %I BYPASSRLS; or drop the foreign key %I of %s first, if it may go for good.', h.owner, h.conname, h.rel), false
      FROM (SELECT key.owner, key.rel, c.oid::pg_catalog.regclass::text AS hidden, pg_catalog.min(key.conname) AS conname
              FROM key
              JOIN pg_catalog.pg_constraint k ON k.oid = key.oid AND k.convalidated
              JOIN pg_catalog.pg_roles r ON r.oid = key.relowner AND NOT (r.rolsuper OR r.rolbypassrls)
              JOIN pg_catalog.pg_class c ON c.oid IN (key.conrelid, key.confrelid) AND c.relrowsecurity
               AND (c.relforcerowsecurity OR NOT pg_catalog.pg_has_role(key.relowner, c.relowner, 'USAGE'))
             GROUP BY key.owner, key.rel, c.oid) AS h
     UNION ALL
    SELECT 'refuse', 'table-privilege', pg_catalog.format('%I, who owns %s, has no %s on %s, which is locked and looked into', p.owner, p.owns, p.name, p.rel),
           pg_catalog.format('GRANT %s ON %s TO %I.', p.name, p.rel, p.owner), false
      FROM tab, (SELECT tab.relowner, tab.owner, tab.rel, tab.oid, tab.rel, n.name FROM tab, (VALUES ('SELECT'), ('UPDATE')) AS n (name)
                  UNION
                 SELECT key.relowner, key.owner, key.rel, key.conrelid, key.rel, n.name FROM key, (VALUES ('SELECT'), ('UPDATE')) AS n (name)
                  UNION -- rows without a partner are looked for on the way back
                 SELECT key.relowner, key.owner, key.rel, key.confrelid, tab.rel, 'SELECT' FROM tab, key) AS p (relowner, owner, owns, relid, rel, name)
     WHERE tab.relkind IN ('r', 'p') AND NOT pg_catalog.has_table_privilege(p.relowner, p.relid, p.name)
       AND (p.rel = p.owns OR NOT pg_catalog.has_any_column_privilege(p.relowner, p.relid, p.name))
     UNION ALL
    SELECT 'refuse', 'schema-privilege', pg_catalog.format('%I, who owns %s, has no %s on schema %I, where it is renamed and a sequence is made', tab.owner, tab.rel, p.name, tab.nspname),
           pg_catalog.format('GRANT %s ON SCHEMA %I TO %I.', p.name, tab.nspname, tab.owner), false
      FROM tab, (VALUES ('CREATE'), ('USAGE')) AS p (name) WHERE NOT pg_catalog.has_schema_privilege(tab.relowner, tab.relnamespace, p.name)
     UNION ALL
    SELECT DISTINCT 'refuse', 'schema-privilege', pg_catalog.format('%I, who owns %s, has no USAGE on schema %I, and so cannot name %s, which its foreign key connects it with', w.owner, w.rel, w.schema, w.other),
           pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I.', w.schema, w.owner), false
      FROM (SELECT key.relowner, key.owner, key.rel, c.relnamespace, n.nspname, pg_catalog.format('%I.%I', n.nspname, c.relname)
              FROM key
              JOIN pg_catalog.pg_class c ON c.oid IN (key.conrelid, key.confrelid)
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             UNION ALL
            SELECT tab.relowner, tab.owner, tab.rel, c.relnamespace, n.nspname, pg_catalog.format('%I.%I', n.nspname, c.relname)
              FROM tab
             CROSS JOIN leaving
              JOIN pg_catalog.pg_class c ON c.oid IN (leaving.conrelid, leaving.confrelid) AND c.oid <> tab.oid
              JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace) AS w (relowner, owner, rel, relnamespace, schema, other)
     WHERE NOT pg_catalog.has_schema_privilege(w.relowner, w.relnamespace, 'USAGE')
     UNION ALL -- who steps the plan looks for them by their names
    SELECT DISTINCT 'refuse', 'schema-privilege', pg_catalog.format('role %I has no USAGE on schema %I, and so cannot name %s, which references %s', session_user, n.nspname, key.rel, tab.rel),
           pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I.', n.nspname, session_user), false
      FROM tab
     CROSS JOIN key
      JOIN pg_catalog.pg_class c ON c.oid = key.conrelid AND c.relnamespace <> tab.relnamespace
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT pg_catalog.has_schema_privilege(session_user, n.oid, 'USAGE')
     UNION ALL
    SELECT 'refuse', 'language-privilege', CASE WHEN l.oid IS NULL THEN 'this database has no PL/pgSQL, in which the steps look once more before they act'
                                                ELSE pg_catalog.format('%I, who owns %s, may not use the language PL/pgSQL', tab.owner, tab.rel) END,
           CASE WHEN l.oid IS NULL THEN 'CREATE EXTENSION plpgsql.' ELSE pg_catalog.format('GRANT USAGE ON LANGUAGE plpgsql TO %I.', tab.owner) END, false
      FROM tab LEFT JOIN pg_catalog.pg_language l ON l.lanname = 'plpgsql'
     WHERE NOT coalesce(pg_catalog.has_language_privilege(tab.relowner, l.oid, 'USAGE'), false)
     UNION ALL
    SELECT 'warn', 'foreign-keys',
           pg_catalog.format('retire drops the foreign keys that reference %s: %s. Rows written there meanwhile are not checked; the way back finds those without a partner, and stops', tab.rel,
                             pg_catalog.string_agg(pg_catalog.format('%I of %s', key.conname, key.rel), ', ' ORDER BY key.rel, key.conname)),
           'Each of those writes also counts as a use of the table: old_name_idle may have to be overridden.', false
      FROM tab, key GROUP BY tab.rel
     UNION ALL
    SELECT 'warn', 'own-foreign-keys',
           pg_catalog.format('the foreign keys of %s stay until contract: %s. Until then deleting there, or changing what they reference, looks into it, deletes or changes rows of it or fails, and the message names %I', tab.rel,
                             pg_catalog.string_agg(pg_catalog.format('%I references %s', leaving.conname, leaving.target), ', ' ORDER BY leaving.target, leaving.conname), pg_catalog.format('_orch_%s_tombstone', tab.run)),
           'Each such statement also counts as a use of the table: old_name_idle may have to be overridden. Where code deletes rows there, drop these keys before this plan, or let no soak stand before contract.', false
      FROM tab, leaving GROUP BY tab.rel, tab.run
     UNION ALL
    SELECT 'warn', 'what-is-not-counted',
           pg_catalog.format('uses of %s are seen as the statistics count them: scans (also those of a dump) and rows written, up to a minute late; not statements that failed or found nothing to plan, and nothing on standbys', tab.rel), NULL, false
      FROM tab WHERE tab.relkind IN ('r', 'p')
     UNION ALL
    SELECT 'warn', 'function-bodies',
           pg_catalog.format('functions whose text names %I: %s', tab.old_name, pg_catalog.string_agg(func.what, ', ' ORDER BY func.what)),
           'Change them before retire; the gate function_bodies waits for it.', false
      FROM tab, func, word WHERE func.prosrc ~ word.pattern
     GROUP BY tab.old_name
     UNION ALL
    SELECT 'warn', 'event-triggers', pg_catalog.format('event triggers see our statements, and may refuse them: %s', pg_catalog.string_agg(pg_catalog.quote_ident(e.evtname), ', ' ORDER BY e.evtname)), NULL, false
      FROM pg_catalog.pg_event_trigger e WHERE e.evtenabled <> 'D' HAVING pg_catalog.count(*) > 0
)
SELECT f.level, f.code, f.message, f.hint, f.acceptable
  FROM finding f
 ORDER BY f.level, f.acceptable, f.code;
