-- Why a column cannot be renamed in this way, and what is good to know before: all of
-- it at once.  $1 the table's oid, $2 the run, $3 the present name, $4 the new one.
--
-- Nothing here takes a lock on the table.  Functions are judged by their text; that
-- can err in both directions, so what rests on it may be accepted by the plan.
WITH RECURSIVE tab AS (
    SELECT c.oid, c.relname, n.nspname, c.relnamespace, c.relowner, c.relkind, c.relpersistence, c.relispartition, c.reltype, c.reloftype,
           c.relnatts, c.relforcerowsecurity, c.relreplident,
           coalesce(l.pages, c.relpages)::pg_catalog.int8 * pg_catalog.current_setting('block_size')::pg_catalog.int8 AS bytes,
           coalesce(l.tuples, c.reltuples) AS reltuples,
           pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel,
           r.rolname AS owner, r.rolsuper OR r.rolbypassrls AS owner_sees_all,
           pg_catalog.format('_orch_%s_', $2::text) AS ours,
           pg_catalog.format('!orchestrate_%s', $2::text)::name AS first, pg_catalog.format('~orchestrate_%s', $2::text)::name AS last,
           $3::text AS old_name, $4::text AS new_name,
           pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
      LEFT JOIN LATERAL (
           SELECT pg_catalog.sum(p.relpages) AS pages, pg_catalog.sum(greatest(p.reltuples, 0)) AS tuples
             FROM pg_catalog.pg_partition_tree(c.oid) t JOIN pg_catalog.pg_class p ON p.oid = t.relid
            WHERE t.isleaf) l ON c.relkind = 'p'
     WHERE c.oid = $1::pg_catalog.oid
), att AS (
    SELECT a.attnum, a.attname::text, a.atttypid, a.atttypmod, a.attcollation, a.attnotnull, a.attidentity, a.attgenerated
      FROM pg_catalog.pg_attribute a JOIN tab ON a.attrelid = tab.oid
     WHERE NOT a.attisdropped
), col AS (
    SELECT att.* FROM att, tab WHERE att.attname = tab.old_name AND att.attnum > 0
), tree (relid) AS ( -- the table and, where it is partitioned, all below it
    SELECT tab.oid FROM tab
     UNION
    SELECT i.inhrelid
      FROM tree
      JOIN pg_catalog.pg_class p ON p.oid = tree.relid AND p.relkind = 'p'
      JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
), member AS (
    SELECT c.oid, c.relkind, c.relowner, c.relnamespace, c.relname, n.nspname, c.relforcerowsecurity, c.relreplident,
           pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel, a.attnum, c.oid = tab.oid AS root
      FROM tree
      JOIN tab ON true
      JOIN pg_catalog.pg_class c ON c.oid = tree.relid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = tab.old_name AND NOT a.attisdropped
), spelling AS ( -- letters and pairs of them, to tell what a misspelt name may have meant
    SELECT n.name, (SELECT pg_catalog.array_agg(pg_catalog.substr(pg_catalog.lower(n.name), i, len))
                      FROM pg_catalog.generate_series(1, 2) len, pg_catalog.generate_series(1, pg_catalog.length(n.name) + 1 - len) i) AS pieces
      FROM (SELECT att.attname FROM att WHERE att.attnum > 0 UNION SELECT tab.old_name FROM tab) AS n (name)
), near AS (
    SELECT s.name
      FROM tab
      JOIN spelling o ON o.name = tab.old_name
      JOIN spelling s ON s.name <> tab.old_name
      CROSS JOIN LATERAL (
           SELECT 2.0 * pg_catalog.count(*) FILTER (WHERE p = ANY (o.pieces)) / (pg_catalog.count(*) + pg_catalog.cardinality(o.pieces))
             FROM pg_catalog.unnest(s.pieces) p) AS l (likeness)
     WHERE l.likeness > 0.6
     ORDER BY l.likeness DESC, s.name
     LIMIT 1
), base (typid, level) AS (
    SELECT col.atttypid, 0 FROM col
     UNION ALL
    SELECT t.typbasetype, base.level + 1
      FROM base JOIN pg_catalog.pg_type t ON t.oid = base.typid
     WHERE t.typtype = 'd'
), type AS ( -- of the column, down to the base type of a domain
    SELECT t.oid, t.typtype, t.typnotnull, t.typnamespace, t.typdefault, t.typdefaultbin, pg_catalog.format_type(t.oid, NULL) AS name, base.level
      FROM base JOIN pg_catalog.pg_type t ON t.oid = base.typid
), preset AS (
    SELECT d.oid IS NOT NULL OR type.typdefaultbin IS NOT NULL AS is_set,
           col.attidentity <> '' OR coalesce(tree.text ~ '\{NEXTVALUEEXPR' OR 'v' = ANY (v.all), false) AS volatile, v.may_fail
      FROM col
      JOIN type ON type.level = 0
      LEFT JOIN tab ON true
      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = tab.oid AND d.adnum = col.attnum
      CROSS JOIN LATERAL (SELECT coalesce(d.adbin, type.typdefaultbin)::text) AS tree (text)
      CROSS JOIN LATERAL (
           SELECT pg_catalog.array_agg(p.provolatile::text) AS all,
                  pg_catalog.string_agg(DISTINCT CASE WHEN p.proname = 'current_setting' AND p.pronargs = 1 THEN 'current_setting() of one argument, which fails where the setting is not made'
                                                      WHEN NOT pg_catalog.has_function_privilege('public', p.oid, 'EXECUTE') THEN pg_catalog.format('%s, which not everybody may call', p.oid::pg_catalog.regprocedure) END, ', ') AS may_fail
             FROM pg_catalog.regexp_matches(tree.text, ':(?:funcid|opfuncid) (\d+)', 'g') m
             JOIN pg_catalog.pg_proc p ON p.oid = m[1]::pg_catalog.oid) v
), word AS (
    SELECT w.name,
           CASE WHEN w.word = pg_catalog.lower(w.word) THEN '(?i)' ELSE '' END AS flags,
           -- ORDER BY names no column: words of SQL itself are names in quotes and behind a dot.
           pg_catalog.replace(CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_get_keywords() k WHERE k.word = pg_catalog.lower(w.word) AND k.catcode IN ('R', 'T'))
                                   THEN '(?:["'']@["'']|(?<=\.\s*)@)' ELSE '"?@"?' END,
                              '@', pg_catalog.regexp_replace(pg_catalog.replace(w.word, '"', '""'), '([].*+?(){}|^$\\[])', '\\\1', 'g')) AS pattern
      FROM tab, LATERAL (VALUES ('old', tab.old_name), ('new', tab.new_name), ('table', tab.relname::text)) AS w (name, word)
), mention AS ( -- what to look for in the text of functions
    SELECT (SELECT flags || '(^|[^[:alnum:]_$])' || pattern || '($|[^[:alnum:]_$])' FROM word WHERE name = 'old') AS old_name,
           (SELECT flags || '(^|[^[:alnum:]_$])' || pattern || '($|[^[:alnum:]_$])' FROM word WHERE name = 'new') AS new_name,
           (SELECT flags || '(^|[^[:alnum:]_$])' || pattern || '($|[^[:alnum:]_$])' FROM word WHERE name = 'table') AS table_name
), trig AS ( -- the user's
    SELECT t.*, p.prosrc, p.pronamespace, pg_catalog.format('%I (%s)', t.tgname, t.tgfoid::pg_catalog.regprocedure) || CASE WHEN member.root THEN '' ELSE ' of ' || member.rel END AS what,
           -- Fires when the twin is filled: some versions count a computed column as written with any other.
           t.tgtype::pg_catalog.int4 & 16 = 16 AND (t.tgattr::text = '' OR EXISTS (
               SELECT FROM pg_catalog.pg_attribute g WHERE g.attrelid = t.tgrelid AND g.attnum = ANY (t.tgattr::pg_catalog.int2[]) AND g.attgenerated = 's')) AS on_filling,
           pg_catalog.has_function_privilege(tab.relowner, p.oid, 'EXECUTE') AND pg_catalog.has_schema_privilege(tab.relowner, p.pronamespace, 'USAGE')
             AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                              WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND d.objid = t.oid AND d.deptype = 'e') AS remade,
           t.tgtype::pg_catalog.int4 & 3 = 3 AND t.tgtype::pg_catalog.int4 & 20 <> 0 AS before_write,
           coalesce(member.attnum = ANY (t.tgattr::pg_catalog.int2[]), false) AS of_column
      FROM tab
      CROSS JOIN member
      JOIN pg_catalog.pg_trigger t ON t.tgrelid = member.oid
      JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
     WHERE t.tgparentid = 0 AND NOT t.tgisinternal AND t.tgname !~ '^[!~] ?orchestrate_[0-9]+'
), func AS ( -- functions of users that are kept as text
    SELECT p.oid, p.prosrc, p.prorettype, p.proretset, p.oid::pg_catalog.regprocedure::text AS what
      FROM pg_catalog.pg_proc p
      JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      JOIN pg_catalog.pg_language l ON l.oid = p.prolang
     WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'orchestrate') AND l.lanname NOT IN ('internal', 'c')
       AND p.proname !~ '^_orch_[0-9]+_'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                        WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e')
), ind AS ( -- the indexes that serve the name; which of them get a twin: see facts.sql
    SELECT i.indexrelid, pg_catalog.format('%I', ic.relname) AS what, i.indisunique, i.indisexclusion,
           (SELECT pg_catalog.count(*) FROM pg_catalog.regexp_matches(i.indexprs::text, r.reference, 'g'))
             = (SELECT pg_catalog.count(*) FROM pg_catalog.generate_series(1, i.indnatts) k,
                       pg_catalog.regexp_matches(pg_catalog.pg_get_indexdef(i.indexrelid, k, false), r.word, 'g')
                 WHERE i.indkey[k - 1] = 0)
             AND (SELECT pg_catalog.count(*) FROM pg_catalog.regexp_matches(i.indpred::text, r.reference, 'g'))
             = (SELECT pg_catalog.count(*) FROM pg_catalog.regexp_matches(pg_catalog.pg_get_expr(i.indpred, i.indrelid), r.word, 'g')) AS safe
      FROM tab
      CROSS JOIN member
      JOIN pg_catalog.pg_index i ON i.indrelid = member.oid AND i.indisvalid
      JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
      CROSS JOIN LATERAL (
           SELECT pg_catalog.format(':varattno %s ', member.attnum),
                  '(?<![[:alnum:]_$".:])'
                    || pg_catalog.regexp_replace(pg_catalog.quote_ident(tab.old_name), '([].*+?(){}|^$\\[])', '\\\1', 'g')
                    || '(?![[:alnum:]_$".(])') AS r (reference, word)
     WHERE (member.attnum = ANY ((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1])
            OR i.indexprs::text ~ r.reference OR i.indpred::text ~ r.reference)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h
                         JOIN pg_catalog.pg_index p ON p.indexrelid = h.inhparent AND p.indisvalid
                        WHERE h.inhrelid = i.indexrelid)
), pub AS (
    SELECT DISTINCT v.pubname, p.pubupdate, pg_catalog.to_jsonb(r) -> 'prattrs' AS columns, (
               SELECT m.attnum FROM member m WHERE m.oid = coalesce(r.prrelid, member.oid)) AS attnum
      FROM member
      JOIN pg_catalog.pg_publication_tables v ON v.schemaname = member.nspname AND v.tablename = member.relname
      JOIN pg_catalog.pg_publication p ON p.pubname = v.pubname
      -- A partition may be published by what is said of a table above it.
      LEFT JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid IN (SELECT tree.relid FROM tree)
), runner AS (
    -- has_parameter_privilege came with 15: named in a text, so that older servers never look for it.
    SELECT CASE WHEN (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user) THEN true
                WHEN tab.version >= 150000
                THEN pg_catalog.query_to_xml('SELECT pg_catalog.has_parameter_privilege(session_user, ''session_replication_role'', ''SET'') AS may',
                                             false, true, '')::text LIKE '%<may>true</may>%'
                ELSE false END AS may_replicate,
           CASE WHEN tab.version >= 160000 THEN pg_catalog.pg_has_role(session_user, tab.relowner, 'SET')
                ELSE pg_catalog.pg_has_role(session_user, tab.relowner, 'MEMBER') END AS may_be_owner
      FROM tab
), width AS (
    SELECT pg_catalog.max(s.avg_width) FILTER (WHERE s.attname = tab.old_name) AS of_column, pg_catalog.sum(s.avg_width) AS of_row
      FROM tab JOIN pg_catalog.pg_stats s ON s.schemaname = tab.nspname AND s.tablename = tab.relname AND s.inherited = (tab.relkind = 'p')
), wide AS ( -- over 1 kB on average; of what is stored out of line statistics know only that it is: see facts.sql
    SELECT a.attstorage <> 'p' AND coalesce(s.avg_width > 1000
           OR toast.bytes > 1024 * 1024 AND toast.bytes > 1000 * toast.rows
              AND (s.avg_width IS NULL OR s.histogram_bounds IS NULL AND s.most_common_vals IS NULL AND s.null_frac < 1), false) AS yes
      FROM tab
      JOIN pg_catalog.pg_attribute a ON a.attrelid = tab.oid AND a.attname = tab.old_name
      LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = tab.nspname AND s.tablename = tab.relname AND s.attname = tab.old_name AND s.inherited = (tab.relkind = 'p')
      CROSS JOIN (SELECT pg_catalog.sum(pg_catalog.pg_relation_size(c.reltoastrelid)) AS bytes, pg_catalog.sum(greatest(c.reltuples, 0)) AS rows
                    FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.relid AND c.reltoastrelid <> 0) toast
), finding (level, code, message, hint, acceptable) AS (
    -- The table.
    SELECT 'refuse', 'not-a-table',
           pg_catalog.format('%s is %s: only columns of ordinary tables can be renamed in this way', tab.rel,
               CASE tab.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view' WHEN 'f' THEN 'a foreign table'
                                WHEN 'S' THEN 'a sequence' ELSE 'not a table' END),
           CASE tab.relkind WHEN 'v' THEN 'CREATE OR REPLACE VIEW can give a view a further column.'
                            WHEN 'm' THEN 'Make another materialized view with the new name beside it.'
                            WHEN 'f' THEN 'Make a view of it with both names.'
                            ELSE 'Name the table that has the column.' END, false
      FROM tab WHERE tab.relkind NOT IN ('r', 'p')
     UNION ALL
    SELECT 'refuse', 'foreign-partition', pg_catalog.format('partitions of %s are foreign tables, which cannot be filled or checked from here: %s', tab.rel, pg_catalog.string_agg(member.rel, ', ' ORDER BY member.rel)),
           'Detach them for the time of the plan: ALTER TABLE ... DETACH PARTITION.', false
      FROM tab, member WHERE member.relkind = 'f' AND NOT member.root GROUP BY tab.rel
     UNION ALL
    SELECT 'refuse', 'partition-owner', pg_catalog.format('partitions of %s belong to roles that %I may not act for: %s', tab.rel, tab.owner, pg_catalog.string_agg(member.rel, ', ' ORDER BY member.rel)),
           pg_catalog.format('ALTER TABLE ... OWNER TO %I.', tab.owner), false
      FROM tab, member WHERE NOT pg_catalog.pg_has_role(tab.relowner, member.relowner, 'USAGE') GROUP BY tab.rel, tab.owner
     UNION ALL
    SELECT 'refuse', 'partition-default',
           pg_catalog.format('partitions of %s have another default of %I than it has: %s; rows that new code inserts into them directly, not through %s, might get it', tab.rel, tab.old_name,
                             pg_catalog.string_agg(member.rel, ', ' ORDER BY member.rel), tab.rel),
           pg_catalog.format('ALTER TABLE ... ALTER COLUMN %I SET DEFAULT (or DROP DEFAULT) as %s has it; or accept this when nobody inserts into partitions directly.', tab.old_name, tab.rel), true
      FROM tab, col, member
     WHERE (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = tab.oid AND d.adnum = col.attnum)
           IS DISTINCT FROM
           (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d WHERE d.adrelid = member.oid AND d.adnum = member.attnum)
       AND member.attnum IS NOT NULL
     GROUP BY tab.rel, tab.old_name
     UNION ALL
    SELECT 'warn', 'partition-attach',
           pg_catalog.format('until contract a table can be attached to %s only if it has the column %I and the check %I (before dual-write: %I), so a partition manager must know both', tab.rel, tab.new_name, tab.ours || 'equal', tab.ours || 'wait'),
           'CREATE TABLE ... PARTITION OF and CREATE TABLE ... (LIKE parent INCLUDING ALL) have them. What is detached meanwhile keeps both, without triggers: drop that check and that column there.', false
      FROM tab WHERE tab.relkind = 'p'
     UNION ALL
    SELECT 'warn', 'many-partitions',
           pg_catalog.format('%s has %s partitions: each change locks and alters all of them, so the locks are held for longer, a few milliseconds for each at dual-write, switch and retire', tab.rel, pg_catalog.count(*)),
           'Let max_locks_per_transaction be well above that number.', false
      FROM tab, member WHERE NOT member.root GROUP BY tab.rel HAVING pg_catalog.count(*) > 20
     UNION ALL
    SELECT 'refuse', 'partition-key',
           pg_catalog.format('column %I is part of the partition key of %s: rows written by the new name could not be routed', col.attname, tab.rel), 'Give the table a new column of that name in a plan of its own, or keep the name.', false
      FROM tab, col
     WHERE EXISTS (SELECT FROM member JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = member.oid
                    WHERE member.attnum = ANY (p.partattrs::pg_catalog.int2[])
                       OR p.partexprs::text LIKE pg_catalog.format('%%:varattno %s %%', member.attnum))
     UNION ALL
    SELECT 'refuse', 'partition', pg_catalog.format('%s is a partition: its columns are those of its parent', tab.rel), 'Name the parent in the plan instead.', false
      FROM tab WHERE tab.relispartition
     UNION ALL
    SELECT 'refuse', 'inheritance',
           pg_catalog.format('%s takes part in table inheritance (%s): triggers are not inherited, so children would not be kept in step', tab.rel,
               pg_catalog.string_agg(CASE WHEN i.inhrelid = tab.oid THEN 'child of ' || i.inhparent::pg_catalog.regclass ELSE 'parent of ' || i.inhrelid::pg_catalog.regclass END, ', ')),
           'Keep the name, or take the table out of the inheritance first: ALTER TABLE ... NO INHERIT.', false
      FROM tab JOIN pg_catalog.pg_inherits i ON i.inhrelid = tab.oid OR i.inhparent = tab.oid
     WHERE tab.relkind = 'r' AND NOT tab.relispartition GROUP BY tab.rel
     UNION ALL
    SELECT 'refuse', 'typed-table', pg_catalog.format('%s is a table of type %s: columns cannot be added to it', tab.rel, tab.reloftype::pg_catalog.regtype), 'ALTER TABLE ... NOT OF first, or rename the attribute of the type.', false
      FROM tab WHERE tab.reloftype <> 0
     UNION ALL
    SELECT 'refuse', 'temporary-table', pg_catalog.format('%s is a temporary table: it will be gone before the second phase', tab.rel), 'A temporary table is seen by one session only: ALTER TABLE ... RENAME COLUMN does it.', false
      FROM tab WHERE tab.relpersistence = 't'
     UNION ALL
    SELECT 'refuse', 'system-table', pg_catalog.format('%s belongs to %s', tab.rel, CASE tab.nspname WHEN 'orchestrate' THEN 'orchestrate itself' ELSE 'the server' END), 'Name a table of your own.', false
      FROM tab WHERE tab.nspname ~ '^pg_' OR tab.nspname IN ('information_schema', 'orchestrate')
     UNION ALL
    SELECT 'refuse', 'extension-table', pg_catalog.format('%s belongs to extension %I, whose next version may not know the new name', tab.rel, e.extname),
           'Ask the makers of the extension.', true
      FROM tab
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = tab.oid AND d.objsubid = 0 AND d.deptype = 'e'
      JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
     UNION ALL
    SELECT 'refuse', 'too-many-columns', pg_catalog.format('%s has used %s of 1600 column numbers, dropped columns included', tab.rel, tab.relnatts),
           'Numbers come back only when the table is made anew.', false
      FROM tab WHERE tab.relnatts > 1598
     UNION ALL
    SELECT 'refuse', 'rules', pg_catalog.format('%s has rules (%s): they see a write before the other name has got it', tab.rel, pg_catalog.string_agg(pg_catalog.quote_ident(r.rulename), ', ' ORDER BY r.rulename)),
           'Make triggers of them.', true
      FROM tab CROSS JOIN member JOIN pg_catalog.pg_rewrite r ON r.ev_class = member.oid AND r.ev_enabled <> 'D'
     WHERE tab.relkind IN ('r', 'p') GROUP BY tab.rel
     UNION ALL
    SELECT 'refuse', 'force-row-security',
           pg_catalog.format('%s forces row level security on its owner %I: the backfill would not see every row', member.rel, tab.owner),
           pg_catalog.format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY for the time of the plan, or ALTER ROLE %I BYPASSRLS.', member.rel, tab.owner), false
      FROM tab, member WHERE member.relforcerowsecurity AND NOT tab.owner_sees_all
     UNION ALL
    SELECT 'refuse', 'helper-exists', pg_catalog.format('schema %I has things that bear the names this run would use: %s', tab.nspname, pg_catalog.string_agg(o.what, ', ' ORDER BY o.what)),
           'They may belong to a run whose record was lost, by a restore for instance. Drop them if nothing needs them.', false
      FROM tab, LATERAL (
           SELECT pg_catalog.quote_ident(c.relname) FROM pg_catalog.pg_class c WHERE c.relnamespace = tab.relnamespace AND pg_catalog.starts_with(c.relname, tab.ours)
            UNION ALL
           SELECT pg_catalog.format('%I()', p.proname) FROM pg_catalog.pg_proc p WHERE p.pronamespace = tab.relnamespace AND pg_catalog.starts_with(p.proname, tab.ours)
            UNION ALL
           SELECT pg_catalog.format('trigger %I', t.tgname) FROM pg_catalog.pg_trigger t WHERE t.tgrelid = tab.oid AND t.tgname IN (tab.first, tab.last)
            UNION ALL
           SELECT pg_catalog.format('column %I', att.attname) FROM att WHERE pg_catalog.starts_with(att.attname, tab.ours)) AS o (what)
     GROUP BY tab.nspname
     UNION ALL
    -- The names.
    SELECT 'refuse', 'no-column', pg_catalog.format('table %s has no column %I', tab.rel, tab.old_name),
           coalesce((SELECT pg_catalog.format('Did you mean %I?', near.name) FROM near),
                    'It has: ' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(f.attname), ', ') FROM (SELECT att.attname FROM att WHERE att.attnum > 0 ORDER BY att.attnum LIMIT 20) f)
                    || CASE WHEN tab.relnatts > 20 THEN ' ...' ELSE '.' END), false
      FROM tab WHERE NOT EXISTS (SELECT FROM att WHERE att.attname = tab.old_name)
     UNION ALL
    SELECT 'refuse', 'system-column', pg_catalog.format('%I is a system column', tab.old_name), 'Name a column of your own.', false
      FROM tab JOIN att ON att.attname = tab.old_name AND att.attnum < 0
     UNION ALL
    SELECT 'refuse', 'same-name', pg_catalog.format('column %I has this name already', tab.old_name), 'There is nothing to do; choose another name.', false
      FROM tab WHERE tab.old_name = tab.new_name
     UNION ALL
    SELECT 'refuse', 'name-taken', CASE WHEN att.attnum < 0 THEN pg_catalog.format('%I is the name of a system column', tab.new_name)
                                        ELSE pg_catalog.format('table %s has a column %I already (%s)', tab.rel, tab.new_name, pg_catalog.format_type(att.atttypid, att.atttypmod)) END,
           CASE WHEN att.attnum > 0 THEN 'Drop or rename that one first, or choose another name.' ELSE 'Choose another name.' END, false
      FROM tab JOIN att ON att.attname = tab.new_name WHERE tab.old_name <> tab.new_name
     UNION ALL
    SELECT 'refuse', 'name-too-long', pg_catalog.format('the name %I has %s bytes; the server keeps 63', tab.new_name, pg_catalog.octet_length(tab.new_name)), 'Choose a shorter name.', false
      FROM tab WHERE pg_catalog.octet_length(tab.new_name) > 63
     UNION ALL
    -- The column.
    SELECT 'refuse', 'generated-column', pg_catalog.format('column %I of %s is generated: nobody writes to it, so there is nothing to keep in step', col.attname, tab.rel), 'ALTER TABLE ... RENAME COLUMN and the deploy at the same moment, or drop the expression first: ALTER COLUMN ... DROP EXPRESSION.', false
      FROM tab, col WHERE col.attgenerated <> ''
     UNION ALL
    SELECT 'refuse', 'domain-not-null',
           pg_catalog.format('column %I of %s has the domain %s, which is NOT NULL, and no default: a row written by the new name only would fail before any trigger could help', col.attname, tab.rel,
                             (SELECT type.name FROM type WHERE type.level = 0)),
           pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT ... for the time of the plan.', tab.rel, col.attname), false
      FROM tab, col, preset
     WHERE NOT preset.is_set AND EXISTS (SELECT FROM type WHERE type.typtype = 'd' AND type.typnotnull)
     UNION ALL
    SELECT 'refuse', 'type-default', pg_catalog.format('type %s of column %I has a default of its own, which the new column would get', type.name, col.attname), 'Give the column a default of its own first: ALTER COLUMN ... SET DEFAULT.', false
      FROM col, type WHERE type.typtype <> 'd' AND type.typdefault IS NOT NULL
     UNION ALL
    SELECT 'refuse', 'default-may-fail',
           pg_catalog.format('the default of column %I of %s uses %s; from dual-write on each INSERT asks for it, those that give a value too, and whose role or session cannot would fail', col.attname, tab.rel, preset.may_fail),
           'Make it one that does not fail (current_setting(name, true), GRANT EXECUTE ... TO PUBLIC); or accept this when all that write the table may ask for it.', true
      FROM tab, col, preset WHERE preset.may_fail IS NOT NULL
     UNION ALL
    SELECT 'warn', 'volatile-default',
           pg_catalog.format('column %I of %s can be NULL and has a default that is different each time: where new code inserts an explicit NULL, the row gets a generated value until switch', col.attname, tab.rel),
           'After the switch the same holds for old code.', false
      FROM tab, col, preset WHERE preset.volatile AND NOT col.attnotnull
     UNION ALL
    SELECT 'warn', 'identity-always',
           pg_catalog.format('column %I of %s is GENERATED ALWAYS AS IDENTITY; through the other name explicit values get in until retire', col.attname, tab.rel), NULL, false
      FROM tab, col WHERE col.attidentity = 'a'
     UNION ALL
    SELECT 'warn', 'wide-column',
           pg_catalog.format('values of %I are long: from verify to retire each update of a row reads and compares both copies%s', col.attname,
                             CASE WHEN EXISTS (SELECT FROM trig WHERE trig.before_write) THEN ', and from dual-write on, because a BEFORE trigger may change it'
                                  WHEN tab.relkind = 'p' THEN ', and from dual-write on, because the row may go to another partition' ELSE '' END),
           pg_catalog.format('Keep the time between verify and retire short, and give %s no further BEFORE trigger that changes %I meanwhile.', tab.rel, col.attname), false
      FROM tab, col, wide WHERE wide.yes
     UNION ALL
    SELECT 'warn', 'wide-row', pg_catalog.format('rows of %s are about %s bytes long; one that is near 8 kB may not have room for a second copy of %I', tab.rel, width.of_row, col.attname), NULL, false
      FROM tab, col, width WHERE width.of_row > 5000
     UNION ALL
    SELECT 'warn', 'disk-space',
           pg_catalog.format('the backfill writes each row of %s again: about %s until vacuum has made room, %s of it for good as the second copy until contract', tab.rel,
                             pg_catalog.pg_size_pretty(tab.bytes),
                             coalesce(pg_catalog.pg_size_pretty((tab.reltuples * width.of_column)::pg_catalog.int8), 'part')), NULL, false
      FROM tab, width WHERE tab.bytes > 1024 * 1024 * 1024
     UNION ALL
    -- Triggers of the user.
    SELECT 'refuse', 'trigger-order',
           pg_catalog.format('triggers of %s sort before or after ours by the bytes of their names: %s', tab.rel, pg_catalog.string_agg(pg_catalog.quote_ident(trig.tgname), ', ' ORDER BY trig.tgname)),
           pg_catalog.format('ALTER TRIGGER %I ON %s RENAME TO one that begins with a letter.', pg_catalog.min(trig.tgname::text), tab.rel), false
      FROM tab, trig WHERE trig.before_write AND (trig.tgname < tab.first OR trig.tgname > tab.last) GROUP BY tab.rel
     UNION ALL
    SELECT 'refuse', 'trigger-whole-row',
           pg_catalog.format('trigger functions of %s use NEW.* or OLD.*: %s; where that goes into another table, every write fails as soon as there is one more column', tab.rel, pg_catalog.string_agg(trig.what, ', ' ORDER BY trig.tgname)),
           'Name the columns there.', true
      FROM tab, trig WHERE trig.prosrc ~* '\m(new|old)\s*\.\s*\*' GROUP BY tab.rel
     UNION ALL
    SELECT 'refuse', 'trigger-argument',
           pg_catalog.format('triggers of %s are given the name %I as an argument: %s; they fail once that name is gone', tab.rel, tab.old_name, pg_catalog.string_agg(trig.what, ', ' ORDER BY trig.tgname)),
           pg_catalog.format('If this is accepted: make them anew with %I between switch and retire, which waits for it.', tab.new_name), true
      FROM tab, trig
     WHERE pg_catalog.position('\x00'::pg_catalog.bytea || trig.tgargs,
                               '\x00'::pg_catalog.bytea || pg_catalog.convert_to(tab.old_name, pg_catalog.getdatabaseencoding()) || '\x00'::pg_catalog.bytea) > 0
     GROUP BY tab.rel, tab.old_name, tab.new_name
     UNION ALL
    SELECT 'refuse', 'trigger-both-names',
           pg_catalog.format('BEFORE triggers of %s name both %I and %I: %s; which of the two they mean to be written cannot be told', tab.rel, tab.old_name, tab.new_name, pg_catalog.string_agg(trig.what, ', ' ORDER BY trig.tgname)),
           pg_catalog.format('Let them name %I only until switch.', tab.old_name), true
      FROM tab, trig, mention WHERE trig.before_write AND trig.prosrc ~ mention.old_name AND trig.prosrc ~ mention.new_name
     GROUP BY tab.rel, tab.old_name, tab.new_name
     UNION ALL
    SELECT 'refuse', 'trigger-rebuild',
           pg_catalog.format('triggers on UPDATE OF %I must be made anew as %I, which may not be done for: %s', tab.old_name, tab.owner, pg_catalog.string_agg(trig.what, ', ' ORDER BY trig.tgname)),
           pg_catalog.format('Its functions need: GRANT EXECUTE ON FUNCTION ... TO %I (and USAGE on their schema); triggers of an extension cannot be made anew.', tab.owner), false
      FROM tab, trig
     WHERE trig.of_column AND NOT trig.remade
     GROUP BY tab.old_name, tab.owner
     UNION ALL
    SELECT 'refuse', 'backfill-fires-triggers',
           pg_catalog.format('the backfill would fire triggers of %s that %I may not make anew with a condition against it: %s', tab.rel, tab.owner, pg_catalog.string_agg(trig.what, ', ' ORDER BY trig.tgname)),
           pg_catalog.format('Their functions need: GRANT EXECUTE ON FUNCTION ... TO %I (and USAGE on their schema); triggers of an extension cannot be made anew. ', tab.owner)
             || CASE WHEN tab.version >= 150000 AND NOT runner.may_replicate
                     THEN pg_catalog.format('Or, as superuser: GRANT SET ON PARAMETER session_replication_role TO %I. ', session_user) ELSE '' END
             || 'Or accept that they fire.', true
      FROM tab, trig, runner
     WHERE trig.on_filling AND NOT trig.remade
       AND (trig.tgenabled = 'A' OR (trig.tgenabled = 'O' AND NOT runner.may_replicate)
            OR (trig.tgenabled = 'R' AND runner.may_replicate)) -- as a replica it may have to run, for the others
     GROUP BY tab.rel, tab.owner, tab.version, runner.may_replicate
     UNION ALL
    SELECT 'warn', 'triggers-guarded',
           pg_catalog.format('the backfill shall not fire triggers of %s: from dual-write to verify they have a condition by which they do not: %s', tab.rel, pg_catalog.string_agg(trig.what, ', ' ORDER BY trig.tgname)),
           'For everybody else they fire as always. A schema comparison will show the difference meanwhile.', false
      FROM tab, trig, runner
     WHERE trig.on_filling AND trig.remade AND trig.tgenabled <> 'D' AND (trig.tgenabled <> 'O' OR NOT runner.may_replicate)
     GROUP BY tab.rel
     UNION ALL
    -- Rights.
    SELECT 'refuse', 'not-owner', pg_catalog.format('role %I may not act as %I, who owns %s', session_user, tab.owner, tab.rel),
           CASE WHEN (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = tab.relowner)
                THEN pg_catalog.format('Run this as %I, or give the table an owner that is no superuser.', tab.owner)
                ELSE pg_catalog.format('GRANT %I TO %I', tab.owner, session_user) || CASE WHEN tab.version >= 160000 THEN ' WITH SET TRUE.' ELSE '.' END END, false
      FROM tab, runner WHERE NOT runner.may_be_owner
     UNION ALL
    SELECT 'refuse', 'schema-privilege', pg_catalog.format('%I, who owns %s, has no %s on schema %I of its partitions, where helper indexes have to be made', tab.owner, tab.rel, p.name, member.nspname),
           pg_catalog.format('GRANT %s ON SCHEMA %I TO %I.', p.name, member.nspname, tab.owner), false
      FROM tab, (SELECT DISTINCT m.relnamespace, m.nspname FROM member m) AS member, (VALUES ('CREATE'), ('USAGE')) AS p (name)
     WHERE member.relnamespace <> tab.relnamespace AND NOT pg_catalog.has_schema_privilege(tab.relowner, member.relnamespace, p.name)
     UNION ALL
    SELECT 'refuse', 'schema-privilege', pg_catalog.format('%I, who owns %s, has no %s on schema %I, where functions and a sequence have to be made', tab.owner, tab.rel, p.name, tab.nspname),
           pg_catalog.format('GRANT %s ON SCHEMA %I TO %I.', p.name, tab.nspname, tab.owner), false
      FROM tab, (VALUES ('CREATE'), ('USAGE')) AS p (name) WHERE NOT pg_catalog.has_schema_privilege(tab.relowner, tab.relnamespace, p.name)
     UNION ALL
    SELECT 'refuse', 'table-privilege', pg_catalog.format('%I, who owns %s, has lost %s on it, which the backfill needs', tab.owner, member.rel, p.name),
           pg_catalog.format('GRANT %s ON %s TO %I.', p.name, member.rel, tab.owner), false
      FROM tab, member, (VALUES ('SELECT'), ('UPDATE')) AS p (name)
     WHERE member.relkind IN ('r', 'p') AND NOT pg_catalog.has_table_privilege(tab.relowner, member.oid, p.name)
     UNION ALL
    SELECT 'refuse', 'type-privilege', pg_catalog.format('%I, who owns %s, may not use type %s of column %I', tab.owner, tab.rel, type.name, col.attname),
           pg_catalog.format('GRANT USAGE ON SCHEMA %s TO %I, GRANT USAGE ON TYPE %s TO %I.', type.typnamespace::pg_catalog.regnamespace, tab.owner, type.name, tab.owner), false
      FROM tab, col, type
     WHERE NOT pg_catalog.has_schema_privilege(tab.relowner, type.typnamespace, 'USAGE') OR NOT pg_catalog.has_type_privilege(tab.relowner, type.oid, 'USAGE')
     UNION ALL
    SELECT 'refuse', 'language-privilege', CASE WHEN l.oid IS NULL THEN 'this database has no PL/pgSQL, in which the triggers are written'
                                                ELSE pg_catalog.format('%I, who owns %s, may not use the language PL/pgSQL', tab.owner, tab.rel) END,
           CASE WHEN l.oid IS NULL THEN 'CREATE EXTENSION plpgsql.' ELSE pg_catalog.format('GRANT USAGE ON LANGUAGE plpgsql TO %I.', tab.owner) END, false
      FROM tab LEFT JOIN pg_catalog.pg_language l ON l.lanname = 'plpgsql'
     WHERE NOT coalesce(pg_catalog.has_language_privilege(tab.relowner, l.oid, 'USAGE'), false)
     UNION ALL
    -- Replication.
    SELECT 'refuse', 'published-table',
           pg_catalog.format('%s is published with all its columns (%s): subscribers stop when they get a column %I that they do not have', tab.rel, pg_catalog.string_agg(pg_catalog.quote_ident(pub.pubname), ', ' ORDER BY pub.pubname), tab.new_name),
           pg_catalog.format('Give every subscriber the column %I first, then accept this. After retire the old column keeps its name until contract.', tab.new_name), true
      FROM tab, pub WHERE coalesce(pub.columns, 'null') = 'null' GROUP BY tab.rel, tab.new_name
     UNION ALL
    SELECT 'warn', 'published-column',
           pg_catalog.format('column %I of %s is published by name (%s): from switch on it arrives as %I', tab.old_name, tab.rel, pg_catalog.string_agg(pg_catalog.quote_ident(pub.pubname), ', ' ORDER BY pub.pubname), tab.new_name),
           'Subscribers need the new name before switch.', false
      FROM tab, col, pub WHERE pub.columns @> pg_catalog.to_jsonb(pub.attnum) GROUP BY tab.rel, tab.old_name, tab.new_name
     UNION ALL
    SELECT 'refuse', 'replica-identity',
           pg_catalog.format('%s is published and has no replica identity: no row of it can be updated, so the backfill would fail', member.rel),
           pg_catalog.format('ALTER TABLE %s REPLICA IDENTITY FULL, or add a primary key.', member.rel), false
      FROM member
     WHERE member.relkind = 'r' AND EXISTS (SELECT FROM pub WHERE pub.pubupdate)
       AND (member.relreplident = 'n'
            OR (member.relreplident = 'd' AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = member.oid AND i.indisprimary)))
     UNION ALL
    SELECT 'refuse', 'unvalidated-check',
           pg_catalog.format('%s has checks that are NOT VALID (%s): rows that break them cannot be written, so the backfill would fail there', tab.rel,
                             pg_catalog.string_agg(pg_catalog.quote_ident(c.conname), ', ' ORDER BY c.conname)),
           pg_catalog.format('Mend those rows, then ALTER TABLE %s VALIDATE CONSTRAINT ...; or accept this when no row breaks them.', tab.rel), true
      FROM tab CROSS JOIN member JOIN pg_catalog.pg_constraint c ON c.conrelid = member.oid AND c.contype = 'c' AND c.coninhcount = 0 AND NOT c.convalidated AND c.conname !~ '^_orch_[0-9]+_'
     GROUP BY tab.rel
     UNION ALL
    SELECT 'warn', 'subscription-target',
           pg_catalog.format('%s receives rows from a publisher: they keep both columns in step, but the meter of the old name does not see their updates', tab.rel),
           'Rename on the publisher too; replication goes by name.', false
      FROM tab WHERE EXISTS (SELECT FROM pg_catalog.pg_subscription_rel s WHERE s.srrelid = tab.oid)
     UNION ALL
    -- Code in the database, indexes.
    SELECT 'warn', 'function-bodies',
           pg_catalog.format('functions whose text names %s and %I: %s', tab.rel, tab.old_name, pg_catalog.string_agg(func.what, ', ' ORDER BY func.what)),
           pg_catalog.format('Change them to %I between switch and retire; the gate function_bodies waits for it.', tab.new_name), false
      FROM tab, func, mention
     WHERE func.prosrc ~ mention.old_name AND (func.prosrc ~ mention.table_name OR func.oid IN (SELECT trig.tgfoid FROM trig))
     GROUP BY tab.rel, tab.old_name, tab.new_name
     UNION ALL
    SELECT 'warn', 'functions-of-rows',
           pg_catalog.format('functions that return rows of %s: %s; one that lists the columns itself fails while there is one more', tab.rel, pg_catalog.string_agg(func.what, ', ' ORDER BY func.what)),
           'Let them return SELECT *, or a type of their own.', false
      FROM tab JOIN func ON func.prorettype = tab.reltype GROUP BY tab.rel
     UNION ALL
    SELECT 'warn', 'index-not-rebuilt',
           pg_catalog.format('indexes that the new name will have to do without until switch: %s; after it every index serves the new name', pg_catalog.string_agg(ind.what, ', ' ORDER BY ind.what)),
           'They are exclusion constraints, or their text has the column''s name in another sense. Switch soon after new code is out, if its queries need them.', false
      FROM ind WHERE ind.indisexclusion OR NOT ind.safe HAVING pg_catalog.count(*) > 0
     UNION ALL
    SELECT 'warn', 'unique-names',
           pg_catalog.format('while both names live, a duplicate in %I or %I is reported with the name of either unique index: %s or our helper', tab.old_name, tab.new_name, pg_catalog.string_agg(ind.what, ', ' ORDER BY ind.what)),
           'Code that looks at constraint names of errors should know both.', false
      FROM tab, ind WHERE ind.indisunique GROUP BY tab.old_name, tab.new_name
     UNION ALL
    -- ON CONFLICT has one arbiter; what the other unique index finds is an error.
    SELECT 'warn', 'unique-upsert-race',
           pg_catalog.format('from verify to retire, two sessions that INSERT ... ON CONFLICT (%I) or (%I) the same new value in the same instant: one may fail with 23505 from the index of the other name; nothing is lost', tab.old_name, tab.new_name),
           'Let the application repeat an upsert that failed with 23505.', false
      FROM tab WHERE EXISTS (SELECT FROM ind WHERE ind.indisunique)
     UNION ALL
    SELECT 'warn', 'event-triggers', pg_catalog.format('event triggers see our statements, and may refuse them: %s', pg_catalog.string_agg(pg_catalog.quote_ident(e.evtname), ', ' ORDER BY e.evtname)), NULL, false
      FROM pg_catalog.pg_event_trigger e WHERE e.evtenabled <> 'D' HAVING pg_catalog.count(*) > 0
     UNION ALL
    -- What no catalog knows.
    SELECT 'warn', 'star-statements',
           pg_catalog.format('while %s has one more column: statements prepared as SELECT * or RETURNING * fail once per session (at expand, switch and contract), COPY %s FROM without a column list and INSERT ... SELECT * FROM %s fail', tab.rel, tab.rel, tab.rel),
           'Name the columns there.', false
      FROM tab WHERE tab.relkind IN ('r', 'p')
     UNION ALL
    SELECT 'warn', 'bulk-load', pg_catalog.format('from dual-write to retire COPY into %s takes two to three and a half times as long', tab.rel), NULL, false
      FROM tab WHERE tab.relkind IN ('r', 'p')
)
SELECT f.level, f.code, f.message, f.hint, f.acceptable
  FROM finding f
 ORDER BY f.level, f.acceptable, f.code;
