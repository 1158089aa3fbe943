-- Why a column cannot be dropped in this way, and what is good to know before: all of it
-- at once.  $1 the table's oid, $2 the run, $3 the column, $4 the placeholder, $5 what may
-- go along.  Takes no lock on the table.
WITH tab AS (
    SELECT c.oid, $2::text AS run, c.relname::text AS name, c.relkind, c.relnamespace, c.relowner, c.relpersistence, c.relispartition, c.reloftype, c.relrowsecurity, c.relforcerowsecurity, n.nspname,
           pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel, r.rolname AS owner, $3::text AS column_name, $4::text AS placeholder,
           $5::pg_catalog.jsonb AS also_drops, pg_catalog.format('^[!~] ?orchestrate_%s(_[0-9a-z_]+)?$', pg_catalog.split_part($2::text, '_', 1)) AS our_triggers,
           pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
     WHERE c.oid = $1::pg_catalog.oid
), col AS (
    SELECT a.attnum, a.attname, a.atttypid, a.attnotnull, a.attidentity, a.attgenerated, a.attinhcount, preset.there AS has_default, t.typnotnull AND t.typtype = 'd' AS domain_not_null,
           pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
           tab.placeholder IS NULL AND NOT preset.there AND a.attidentity = '' AND a.attgenerated = '' AS omitted_null,
           CASE WHEN a.attidentity <> '' OR a.attgenerated <> '' THEN 'computed'
                WHEN tab.placeholder ~* '^[\s(]*(NULL|CAST[\s(]+NULL\s+AS\s+[^()]+(\([^()]*\))?)[\s)]*(::[^'']*)?[\s)]*$' THEN 'NULL'
                WHEN tab.placeholder IS NOT NULL THEN 'placeholder'
                WHEN preset.there THEN 'default' ELSE 'NULL' END AS omitted -- what it holds then
      FROM tab
      JOIN pg_catalog.pg_attribute a ON a.attrelid = tab.oid AND a.attname = tab.column_name AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     CROSS JOIN LATERAL ( -- DEFAULT NULL is none, whatever casts it is stored with, see facts.sql
           SELECT coalesce(d.adbin, t.typdefaultbin) IS NOT NULL
                  AND NOT (pg_catalog.pg_get_expr(coalesce(d.adbin, t.typdefaultbin), coalesce(d.adrelid, 0)) ~ '^\(*NULL\M'
                           AND coalesce(d.adbin, t.typdefaultbin)::text !~ '\{(?!CONST|FUNCEXPR|RELABELTYPE|COERCEVIAIO|COERCETODOMAIN|ARRAYCOERCEEXPR|CASETESTEXPR)|:funcformat [03]')) AS preset (there)
), tree AS (
    SELECT tab.oid AS relid FROM tab
     UNION
    SELECT t.relid FROM tab, pg_catalog.pg_partition_tree(tab.oid) t WHERE tab.relkind = 'p'
), part AS ( -- the column in each of them, see parts.sql
    SELECT tree.relid, a.attnum::pg_catalog.int4 AS attnum, tree.relid = tab.oid AS top, CASE WHEN tree.relid <> tab.oid THEN tree.relid::pg_catalog.regclass::text END AS rel
      FROM tab, col, tree
      JOIN pg_catalog.pg_attribute a ON a.attrelid = tree.relid
     WHERE a.attname = col.attname AND a.attnum > 0 AND NOT a.attisdropped
), place AS ( -- where it may be published
    SELECT tree.relid FROM tree
     UNION
    SELECT a.relid FROM tab, pg_catalog.pg_partition_ancestors(tab.oid) AS a (relid)
), runner AS (
    SELECT CASE WHEN tab.version >= 160000 THEN pg_catalog.pg_has_role(session_user, tab.relowner, 'SET')
                ELSE pg_catalog.pg_has_role(session_user, tab.relowner, 'MEMBER') END AS may_be_owner
      FROM tab
), preset AS (
    SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS sql,
           d.adbin::text ~ '\{NEXTVALUEEXPR'
           OR EXISTS (SELECT FROM pg_catalog.regexp_matches(d.adbin::text, ':(?:funcid|opfuncid) (\d+)', 'g') m
                        JOIN pg_catalog.pg_proc p ON p.oid = m[1]::pg_catalog.oid AND p.provolatile = 'v') AS volatile,
           EXISTS (SELECT FROM pg_catalog.regexp_matches(d.adbin::text, ':(?:funcid|opfuncid) (\d+)', 'g') m -- see facts.sql
                     JOIN pg_catalog.pg_proc p ON p.oid = m[1]::pg_catalog.oid
                    WHERE p.proname = 'current_setting'
                       OR p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
                          AND (p.provolatile = 's' OR NOT pg_catalog.has_function_privilege('public', p.oid, 'EXECUTE'))) AS may_fail
      FROM tab, col
      JOIN pg_catalog.pg_attrdef d ON d.adnum = col.attnum
     WHERE d.adrelid = tab.oid
), placed AS ( -- see facts.sql
    SELECT EXISTS (SELECT FROM pg_catalog.regexp_matches(pg_catalog.regexp_replace(tab.placeholder, '''([^'']|'''')*''', '''''', 'g'),
                                        '(?:("(?:[^"]|"")+"|[[:alpha:]_][[:alnum:]_$]*)\s*\.\s*)?("(?:[^"]|"")+"|[[:alpha:]_][[:alnum:]_$]*)\s*\(', 'g') m
                     JOIN pg_catalog.pg_proc p ON pg_catalog.quote_ident(p.proname) IN (m[2], pg_catalog.lower(m[2]))
                      AND (p.provolatile = 'v' OR p.proname = 'current_setting'
                           OR p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
                              AND (p.provolatile = 's' OR NOT pg_catalog.has_function_privilege('public', p.oid, 'EXECUTE')))
                     JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                      AND pg_catalog.quote_ident(n.nspname) IN (coalesce(m[1], 'pg_catalog'), pg_catalog.lower(m[1]))) AS volatile
      FROM tab
), keyed AS ( -- indexes that let no two rows have the same
    SELECT i.indexrelid::pg_catalog.regclass::text AS name, i.indpred IS NOT NULL AS partial, taken.attnums = ARRAY[part.attnum] AS alone,
           coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_equal
      FROM part
      JOIN pg_catalog.pg_index i ON i.indrelid = part.relid AND (i.indisunique OR i.indisexclusion)
      JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND NOT c.relispartition
     CROSS JOIN LATERAL (
           SELECT pg_catalog.array_agg(p.attnum)
             FROM (SELECT u.attnum::pg_catalog.int4 FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS u (attnum, n) WHERE u.n <= i.indnkeyatts AND u.attnum <> 0
                    UNION
                   SELECT m[1]::pg_catalog.int4 FROM pg_catalog.regexp_matches(i.indexprs::text, ':varattno (\d+)', 'g') m) AS p (attnum)) AS taken (attnums)
     WHERE part.attnum = ANY (taken.attnums)
), foreign_key AS (
    SELECT k.conname, k.confrelid::pg_catalog.regclass::text AS target, k.confmatchtype = 'f' AND pg_catalog.cardinality(k.conkey) > 1 AS whole
      FROM part, pg_catalog.pg_constraint k WHERE k.conrelid = part.relid AND k.contype = 'f' AND k.conparentid = 0 AND part.attnum = ANY (k.conkey)
), silent AS ( -- what goes along without a word and is more than the column itself
    SELECT DISTINCT s.name, s.kind, part.rel
      FROM tab
     CROSS JOIN part
      JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = part.relid AND d.refobjsubid = part.attnum AND d.deptype = 'a'
      LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = d.objid AND NOT (c.relispartition AND c.relkind IN ('i', 'I'))
      LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
      LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = d.objid
       AND k.conparentid = 0 AND (part.top OR k.contype <> 'c' OR k.coninhcount = 0) -- what partitions have from the table is that of the table
      LEFT JOIN pg_catalog.pg_statistic_ext x ON d.classid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass AND x.oid = d.objid
      LEFT JOIN pg_catalog.pg_attrdef f ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND f.oid = d.objid AND f.adnum <> part.attnum
      LEFT JOIN pg_catalog.pg_attribute g ON (g.attrelid = f.adrelid AND g.attnum = f.adnum)
           OR (d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND g.attrelid = d.objid AND g.attnum = d.objsubid AND d.objsubid > 0) -- before 15
     CROSS JOIN LATERAL (
           SELECT CASE WHEN k.contype = 'f' THEN pg_catalog.cardinality(k.conkey) > 1 -- one that refers to its own table depends on that other column, too
                       ELSE EXISTS (SELECT FROM pg_catalog.pg_depend o
                           WHERE o.classid = d.classid AND o.objid = d.objid AND o.refclassid = d.refclassid AND o.refobjid = d.refobjid
                             AND o.refobjsubid NOT IN (0, d.refobjsubid)) END AS yes) AS of_others
     CROSS JOIN LATERAL (VALUES
           (k.conname::text, CASE k.contype WHEN 'u' THEN 'UNIQUE' WHEN 'c' THEN 'CHECK' WHEN 'x' THEN 'EXCLUDE' WHEN 'f' THEN CASE WHEN of_others.yes THEN 'FOREIGN KEY' END END),
           (CASE WHEN i.indexrelid IS NOT NULL THEN c.relname::text END, CASE WHEN i.indisunique THEN 'unique index' WHEN of_others.yes THEN 'index' END),
           (CASE WHEN c.relkind = 'S' THEN c.relname::text END, 'sequence'),
           (x.stxname::text, 'statistics'),
           (g.attname::text, 'computed column')) AS s (name, kind)
     WHERE s.name IS NOT NULL AND s.kind IS NOT NULL
       AND (part.top OR g.attname IS NULL OR NOT EXISTS (SELECT FROM pg_catalog.pg_attribute up WHERE up.attrelid = tab.oid AND up.attname = g.attname AND up.attgenerated <> ''))
), dependent AS ( -- see gate_dependents.sql
    SELECT DISTINCT coalesce((SELECT pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, w.ev_class, 0)
                                FROM pg_catalog.pg_rewrite w
                               WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND w.oid = d.objid AND w.rulename = '_RETURN'),
                             pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)) || coalesce(' (on ' || g.rel || ')', '') AS what
      FROM tab
     CROSS JOIN (
           SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid, part.relid, part.attnum, part.rel FROM part
            UNION
           SELECT s.classid, s.objid, 0, part.rel
             FROM part
             JOIN pg_catalog.pg_depend s ON s.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND s.refobjid = part.relid AND s.refobjsubid = part.attnum AND s.deptype IN ('a', 'i')
             JOIN pg_catalog.pg_class c ON s.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = s.objid AND c.relkind = 'S') AS g (classid, objid, objsubid, rel)
      JOIN pg_catalog.pg_depend d ON d.refclassid = g.classid AND d.refobjid = g.objid AND (g.objsubid = 0 OR d.refobjsubid = g.objsubid) AND d.deptype = 'n'
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t
                        WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND t.oid = d.objid AND (t.tgname ~ tab.our_triggers OR t.tgparentid <> 0))
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = d.objid AND k.conparentid <> 0)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_attrdef f
                         JOIN pg_catalog.pg_attribute h ON h.attrelid = f.adrelid AND h.attnum = f.adnum
                         JOIN pg_catalog.pg_attribute up ON up.attrelid = tab.oid AND up.attname = h.attname AND up.attgenerated <> ''
                        WHERE d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND f.oid = d.objid AND f.adrelid <> tab.oid)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend a JOIN part ON part.relid = a.refobjid AND part.attnum = a.refobjsubid
                        WHERE a.classid = d.classid AND a.objid = d.objid AND a.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND a.deptype IN ('a', 'i'))
), word AS (
    SELECT w.name, CASE WHEN w.word = pg_catalog.lower(w.word) THEN '(?i)' ELSE '' END || '(^|[^[:alnum:]_$])'
             || pg_catalog.replace(CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_get_keywords() k WHERE k.word = pg_catalog.lower(w.word) AND k.catcode IN ('R', 'T'))
                                        THEN '(?:["'']@["'']|(?<=\.\s*)@)' ELSE '"?@"?' END,
                                   '@', pg_catalog.regexp_replace(pg_catalog.replace(w.word, '"', '""'), '([].*+?(){}|^$\\[])', '\\\1', 'g')) || '($|[^[:alnum:]_$])' AS pattern
      FROM tab, LATERAL (VALUES ('old', tab.column_name), ('table', tab.name)) AS w (name, word)
), func AS ( -- functions of users that are kept as text
    SELECT p.oid, p.prosrc, p.oid::pg_catalog.regprocedure::text AS what
      FROM pg_catalog.pg_proc p
      JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
      JOIN pg_catalog.pg_language l ON l.oid = p.prolang
     WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'orchestrate') AND l.lanname NOT IN ('internal', 'c') AND p.proname !~ '^_orch_[0-9]+_'
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                        WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e')
), finding (level, code, message, hint, acceptable) AS (
    SELECT 'refuse', 'not-a-table',
           pg_catalog.format('%s is %s; this drops columns of ordinary and partitioned tables', tab.rel,
                             CASE tab.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view' WHEN 'f' THEN 'a foreign table'
                                              WHEN 'S' THEN 'a sequence' ELSE 'no table' END),
           'Change the table below it, or make it anew.', false
      FROM tab WHERE tab.relkind NOT IN ('r', 'p')
     UNION ALL
    SELECT 'refuse', 'temporary', pg_catalog.format('%s is temporary: no other session sees it', tab.rel), 'ALTER TABLE ... DROP COLUMN does it at once.', false
      FROM tab WHERE tab.relpersistence = 't'
     UNION ALL
    SELECT 'refuse', 'system-table', pg_catalog.format('%s belongs to %s', tab.rel,
                             CASE WHEN tab.nspname = 'orchestrate' THEN 'the state of orchestrate' ELSE 'Postgres itself' END), 'It stays as it is.', false
      FROM tab WHERE tab.nspname ~ '^pg_' OR tab.nspname IN ('information_schema', 'orchestrate')
     UNION ALL
    SELECT 'refuse', 'extension-member',
           pg_catalog.format('%s belongs to extension %s, whose scripts know its columns', tab.rel, pg_catalog.string_agg(pg_catalog.quote_ident(e.extname), ', ')),
           pg_catalog.format('Leave it, or ask the authors of the extension. If it shall be a table of its own: ALTER EXTENSION %s DROP TABLE %s; then this.', pg_catalog.min(pg_catalog.quote_ident(e.extname)), tab.rel), false
      FROM tab
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = tab.oid AND d.deptype = 'e'
      JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
     GROUP BY tab.rel
     UNION ALL
    SELECT 'refuse', 'helper-exists', pg_catalog.format('schema %I has things that bear the names this run would use: %s', tab.nspname, pg_catalog.string_agg(o.what, ', ' ORDER BY o.what)),
           'They may belong to a run whose record was lost, by a restore for instance. Drop them if nothing needs them.', false
      FROM tab, LATERAL (
           SELECT pg_catalog.quote_ident(c.relname) FROM pg_catalog.pg_class c WHERE c.relnamespace = tab.relnamespace AND pg_catalog.starts_with(c.relname, pg_catalog.format('_orch_%s_', tab.run))
            UNION ALL
           SELECT pg_catalog.format('%I()', p.proname) FROM pg_catalog.pg_proc p WHERE p.pronamespace = tab.relnamespace AND pg_catalog.starts_with(p.proname, pg_catalog.format('_orch_%s_', tab.run))
            UNION ALL
           SELECT pg_catalog.format('column %I', a.attname) FROM pg_catalog.pg_attribute a WHERE a.attrelid = tab.oid AND NOT a.attisdropped AND pg_catalog.starts_with(a.attname, pg_catalog.format('_orch_%s_', tab.run))) AS o (what)
     GROUP BY tab.nspname
     UNION ALL
    SELECT 'refuse', 'no-column', pg_catalog.format('table %s has no column %I', tab.rel, tab.column_name),
           pg_catalog.format('Its columns: %s.', (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)
                                                    FROM pg_catalog.pg_attribute a WHERE a.attrelid = tab.oid AND a.attnum > 0 AND NOT a.attisdropped)), false
      FROM tab WHERE tab.relkind IN ('r', 'p') AND NOT EXISTS (SELECT FROM col)
     UNION ALL
    SELECT 'refuse', 'typed-table', pg_catalog.format('%s is a table of type %s: its columns are those of the type', tab.rel, tab.reloftype::pg_catalog.regtype),
           pg_catalog.format('ALTER TABLE %s NOT OF makes it a table of its own.', tab.rel), false
      FROM tab WHERE tab.reloftype <> 0
     UNION ALL
    SELECT 'refuse', 'inherited-column', pg_catalog.format('column %I of %s is inherited', col.attname, tab.rel),
           CASE WHEN tab.relispartition THEN 'Drop it from the partitioned table; its partitions follow.' ELSE 'Drop it from the parent, or take the table from it: ALTER TABLE ... NO INHERIT.' END, false
      FROM tab, col WHERE col.attinhcount > 0
     UNION ALL
    SELECT 'refuse', 'inheritance-children', pg_catalog.format('other tables inherit from %s: %s; they are not metered', tab.rel, pg_catalog.string_agg(i.inhrelid::pg_catalog.regclass::text, ', ')),
           'ALTER TABLE ... NO INHERIT for each of them, and a plan for each.', false
      FROM tab JOIN pg_catalog.pg_inherits i ON i.inhparent = tab.oid WHERE tab.relkind = 'r' GROUP BY tab.rel
     UNION ALL
    SELECT 'refuse', 'partition-key', pg_catalog.format('column %I decides in which partition of %s a row is', col.attname, p.partrelid::pg_catalog.regclass),
           'A table partitioned otherwise has to be built beside it.', false
      FROM col, tree
      JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = tree.relid
      JOIN pg_catalog.pg_attribute a ON a.attrelid = p.partrelid
     WHERE a.attname = col.attname
       AND (a.attnum = ANY (p.partattrs::pg_catalog.int2[]) OR p.partexprs::text LIKE pg_catalog.format('%%:varattno %s %%', a.attnum))
     UNION ALL
    SELECT 'refuse', 'primary-key', pg_catalog.format('column %I belongs to the primary key of %s (%I)', col.attname, coalesce(part.rel, tab.rel), k.conname),
           'Give the table another primary key first.', false
      FROM tab, col, part, pg_catalog.pg_constraint k WHERE k.conrelid = part.relid AND k.contype = 'p' AND part.attnum = ANY (k.conkey) AND (part.top OR k.conparentid = 0)
     UNION ALL
    SELECT 'refuse', 'replica-identity', pg_catalog.format('index %s, by which %s identifies rows for its subscribers, needs column %I', i.indexrelid::pg_catalog.regclass, coalesce(part.rel, tab.rel), col.attname),
           pg_catalog.format('ALTER TABLE %s REPLICA IDENTITY ... to another one first.', coalesce(part.rel, tab.rel)), false
      FROM tab, col, part, pg_catalog.pg_index i WHERE i.indrelid = part.relid AND i.indisreplident AND part.attnum = ANY (i.indkey::pg_catalog.int2[])
     UNION ALL
    SELECT 'refuse', 'dependents', pg_catalog.format('others have built on column %I of %s: %s', col.attname, tab.rel, pg_catalog.string_agg(dependent.what, ', ' ORDER BY dependent.what)),
           'Drop them, or make them do without, first. DROP COLUMN would refuse as well.', false
      FROM tab, col, dependent GROUP BY tab.rel, col.attname
     UNION ALL
    SELECT 'refuse', 'also-drops', pg_catalog.format('with column %I of %s would silently go: %s', col.attname, tab.rel,
                                                     pg_catalog.string_agg(pg_catalog.format('%s %I%s', silent.kind, silent.name, ' of ' || silent.rel), ', ' ORDER BY silent.name, silent.rel)),
           pg_catalog.format('If all of it may go, say so in the plan: also_drops: %s.', (SELECT pg_catalog.jsonb_agg(DISTINCT s.name ORDER BY s.name) FROM silent s)), false
      FROM tab, col, silent
     WHERE NOT coalesce(pg_catalog.jsonb_exists(tab.also_drops, silent.name), false)
     GROUP BY tab.rel, col.attname
     UNION ALL
    SELECT 'refuse', 'also-drops-unknown', pg_catalog.format('also_drops names what does not go along with column %I of %s: %s', col.attname, tab.rel, pg_catalog.string_agg(pg_catalog.quote_ident(n.name), ', ' ORDER BY n.name)),
           CASE WHEN EXISTS (SELECT FROM silent) THEN pg_catalog.format('What goes along: %s.', (SELECT pg_catalog.string_agg(DISTINCT pg_catalog.quote_ident(s.name), ', ' ORDER BY pg_catalog.quote_ident(s.name)) FROM silent s))
                ELSE 'Nothing goes along: leave also_drops out.' END, false
      FROM tab, col, pg_catalog.jsonb_array_elements_text(coalesce(tab.also_drops, '[]')) AS n (name)
     WHERE n.name NOT IN (SELECT silent.name FROM silent)
     GROUP BY tab.rel, col.attname
     UNION ALL
    SELECT 'refuse', 'placeholder', pg_catalog.format('column %I of %s is %s: there is no place for a placeholder', col.attname, tab.rel, CASE WHEN col.attgenerated <> '' THEN 'computed' ELSE 'an identity' END),
           'Leave it out: code may omit the column as it is.', false
      FROM tab, col WHERE tab.placeholder IS NOT NULL AND (col.attgenerated <> '' OR col.attidentity <> '')
     UNION ALL
    SELECT 'refuse', 'placeholder-null', pg_catalog.format('column %I of %s takes no NULL, and the placeholder is NULL: code could not omit the column', col.attname, tab.rel),
           CASE WHEN col.domain_not_null THEN 'Give another one.' ELSE 'Leave it out, then expand lets the column take NULL; or give another one.' END, false
      FROM tab, col WHERE tab.placeholder IS NOT NULL AND col.omitted = 'NULL' AND (col.attnotnull OR col.domain_not_null)
     UNION ALL
    SELECT 'refuse', 'placeholder-unique', pg_catalog.format('values of column %I of %s are unique (%s): a second row of code that omits it would have the same placeholder', col.attname, tab.rel,
                                                             pg_catalog.string_agg(keyed.name, ', ' ORDER BY keyed.name)),
           'Leave the placeholder out, so that they are NULL; or accept this when the expression gives another value each time.', true
      FROM tab, col, keyed
     WHERE col.omitted = 'placeholder' AND keyed.alone
     GROUP BY tab.rel, col.attname
     UNION ALL
    SELECT 'refuse', 'omitted-unique', pg_catalog.format('values of column %I of %s are unique (%s): a second row of code that omits it would have the same default, %s', col.attname, tab.rel,
                                                         pg_catalog.string_agg(keyed.name, ', ' ORDER BY keyed.name), coalesce(preset.sql, 'that of its type')),
           'Drop what makes them unique, or the default, first; or accept this when the default is another value each time.', true
      FROM tab CROSS JOIN col CROSS JOIN keyed LEFT JOIN preset ON true
     WHERE col.omitted = 'default' AND keyed.alone AND preset.volatile IS NOT TRUE
     GROUP BY tab.rel, col.attname, preset.sql
     UNION ALL
    SELECT 'refuse', 'omitted-unique', pg_catalog.format('column %I of %s may be NULL in one row only (%s: NULLS NOT DISTINCT): a second row of code that omits it would fail', col.attname, tab.rel,
                                                         pg_catalog.string_agg(keyed.name, ', ' ORDER BY keyed.name)),
           'Drop what makes them unique first; or give a placeholder that is another value each time.', pg_catalog.bool_and(keyed.partial)
      FROM tab, col, keyed
     WHERE col.omitted = 'NULL' AND keyed.alone AND keyed.nulls_equal
     GROUP BY tab.rel, col.attname
     UNION ALL
    SELECT 'warn', 'unique-with-others', pg_catalog.format('column %I of %s is unique together with others (%s): rows of code that omits it all have the same in it', col.attname, tab.rel,
                                                           pg_catalog.string_agg(keyed.name, ', ' ORDER BY keyed.name)),
           'Two rows that differ in this column only would no longer be taken: drop what makes them unique first, if there are such.', false
      FROM tab CROSS JOIN col CROSS JOIN keyed LEFT JOIN preset ON true
     WHERE NOT keyed.alone AND (col.omitted = 'placeholder' OR (col.omitted = 'default' AND preset.volatile IS NOT TRUE) OR (col.omitted = 'NULL' AND keyed.nulls_equal))
     GROUP BY tab.rel, col.attname
     UNION ALL
    SELECT 'refuse', 'placeholder-foreign-key', pg_catalog.format('column %I of %s refers to %s (%I): a row of code that omits it fails unless the placeholder is there', col.attname, tab.rel, foreign_key.target, foreign_key.conname),
           pg_catalog.format('Leave the placeholder out, so that it is NULL; or accept this when %s has it for good.', foreign_key.target), true
      FROM tab, col, foreign_key WHERE col.omitted = 'placeholder'
     UNION ALL
    SELECT 'warn', 'default-foreign-key', pg_catalog.format('column %I of %s refers to %s (%I): a row of code that omits it fails unless the default is there, %s', col.attname, tab.rel, foreign_key.target, foreign_key.conname, preset.sql),
           'Try an INSERT without the column.', false
      FROM tab, col, foreign_key, preset WHERE col.omitted = 'default'
     UNION ALL
    SELECT 'refuse', 'omitted-foreign-key', pg_catalog.format('foreign key %I of %s is MATCH FULL: a row of code that omits column %I fails when it gives the others', foreign_key.conname, tab.rel, col.attname),
           'Drop the foreign key first; or accept this when that code leaves the others NULL, too.', true
      FROM tab, col, foreign_key WHERE col.omitted = 'NULL' AND foreign_key.whole
     UNION ALL
    SELECT 'refuse', 'omitted-check', pg_catalog.format('column %I of %s may not be NULL by %s (%I): code could not omit it', col.attname, coalesce(part.rel, tab.rel), CASE WHEN k.contypid = 0 THEN 'a check' ELSE 'a check of its domain' END, k.conname),
           CASE WHEN k.contypid = 0 THEN pg_catalog.format('Give a placeholder; or first: ALTER TABLE %s DROP CONSTRAINT %I; or accept this when it takes NULL after all.', coalesce(part.rel, tab.rel), k.conname) ELSE 'Give a placeholder; or accept this when it takes NULL after all.' END, true
      FROM tab, col, pg_catalog.pg_constraint k
      LEFT JOIN part ON part.relid = k.conrelid AND part.attnum = ANY (k.conkey) AND (part.top OR k.coninhcount = 0)
     CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_constraintdef(k.oid) AS says, pg_catalog.format('(%s IS NOT NULL)', CASE WHEN k.contypid = 0 THEN pg_catalog.quote_ident(col.attname) ELSE 'VALUE' END) AS part) AS c
     WHERE col.omitted = 'NULL' AND k.contype = 'c' AND (part.relid IS NOT NULL OR k.contypid = col.atttypid)
       -- One of several that have to hold; what is more than that only a try can tell.
       AND (pg_catalog.replace(c.says, ' NOT VALID', '') = pg_catalog.format('CHECK (%s)', c.part)
            OR pg_catalog.strpos(c.says, '((' || c.part || ' AND ') > 0 OR pg_catalog.strpos(c.says, ' AND ' || c.part) > 0)
       AND c.says !~ '\m(OR|NOT \(|CASE|COALESCE)|['']| = |\) (<>|[<>]=?) \(|::'
     UNION ALL
    SELECT 'refuse', 'partition-not-null', pg_catalog.format('column %I is NOT NULL in partitions of %s, not in all of it: %s; code could not omit it there', col.attname, tab.rel, pg_catalog.string_agg(a.attrelid::pg_catalog.regclass::text, ', ' ORDER BY a.attrelid)),
           'Give a placeholder; or let them take NULL first: ALTER TABLE ... ALTER COLUMN ... DROP NOT NULL.', false
      FROM tab, col, tree
      JOIN pg_catalog.pg_attribute a ON a.attrelid = tree.relid
     WHERE a.attname = col.attname AND a.attnotnull AND NOT col.attnotnull AND tree.relid <> tab.oid AND col.omitted = 'NULL'
     GROUP BY tab.rel, col.attname
     UNION ALL
    SELECT 'refuse', 'not-null-unlike', -- constraints since 18, see facts.sql
           pg_catalog.format('the undo of expand would not bring NOT NULL of column %I back as it is: %s', col.attname,
                             pg_catalog.string_agg(pg_catalog.format('constraint %I of %s %s', k.conname, k.conrelid::pg_catalog.regclass,
                                                                     CASE WHEN NOT k.convalidated THEN 'is NOT VALID, and would be proved'
                                                                          WHEN k.conname <> of_table.conname THEN 'has a name of its own' ELSE 'has a comment' END),
                                                   ', ' ORDER BY k.conrelid::pg_catalog.regclass::text)),
           'What is not proved: ALTER TABLE ... VALIDATE CONSTRAINT ... first. Names and comments of partitions'' constraints would be lost: the server lets nobody rename those that are inherited.', true
      FROM tab, col, part
      JOIN pg_catalog.pg_constraint k ON k.conrelid = part.relid AND k.contype = 'n' AND k.conkey = ARRAY[part.attnum]::pg_catalog.int2[]
      JOIN pg_catalog.pg_constraint of_table ON of_table.contype = 'n'
     WHERE of_table.conrelid = tab.oid AND of_table.conkey = ARRAY[col.attnum] AND col.omitted = 'NULL'
       AND (NOT k.convalidated OR (NOT part.top AND (k.conname <> of_table.conname OR pg_catalog.obj_description(k.oid, 'pg_constraint') IS NOT NULL)))
     GROUP BY col.attname
     UNION ALL
    SELECT 'warn', 'checks-stay', pg_catalog.format('checks of %s name column %I: %s; a row of code that omits it has to pass them', tab.rel, col.attname, pg_catalog.string_agg(pg_catalog.format('%I%s %s', k.conname, ' of ' || part.rel, pg_catalog.pg_get_constraintdef(k.oid)), ', ' ORDER BY k.conname, part.rel)),
           'Try an INSERT without the column after expand; a placeholder that passes helps.', false
      FROM tab, col, part, pg_catalog.pg_constraint k
     WHERE k.conrelid = part.relid AND k.contype = 'c' AND part.attnum = ANY (k.conkey) AND (part.top OR k.coninhcount = 0) GROUP BY tab.rel, col.attname
     UNION ALL
    SELECT 'refuse', 'domain-not-null', pg_catalog.format('the type of column %I of %s, the domain %s, takes no NULL, and there is no default: code could not omit the column', col.attname, tab.rel, col.type),
           'Give a placeholder.', false
      FROM tab, col WHERE col.domain_not_null AND tab.placeholder IS NULL AND NOT col.has_default
     UNION ALL
    SELECT 'refuse', 'trigger-argument',
           pg_catalog.format('triggers of %s are given the name %I as an argument: %s; they fail once that name is gone', tab.rel, col.attname, pg_catalog.string_agg(pg_catalog.quote_ident(t.tgname), ', ' ORDER BY t.tgname)),
           'If this is accepted: make them anew without before retire, which waits for it.', true
      FROM tab, col, tree
      JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.relid AND NOT t.tgisinternal AND t.tgparentid = 0
     WHERE pg_catalog.position('\x00'::pg_catalog.bytea || t.tgargs,
                               '\x00'::pg_catalog.bytea || pg_catalog.convert_to(tab.column_name, pg_catalog.getdatabaseencoding()) || '\x00'::pg_catalog.bytea) > 0
     GROUP BY tab.rel, col.attname
     UNION ALL
    SELECT 'refuse', 'trigger-whole-row',
           pg_catalog.format('trigger functions of %s use NEW.* or OLD.*: %s; where that goes into another table, from contract on what stands after %I in the row lands one column before its own, without an error', tab.rel,
                             pg_catalog.string_agg(pg_catalog.format('%I (%s)%s', t.tgname, t.tgfoid::pg_catalog.regprocedure, ' of ' || part.rel), ', ' ORDER BY t.tgname, part.rel), col.attname),
           'Name the columns there.', true
      FROM tab, col, part
      JOIN pg_catalog.pg_trigger t ON t.tgrelid = part.relid AND NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgname !~ '^[!~] ?orchestrate_[0-9]+'
      JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
     WHERE p.prosrc ~* '\m(new|old)[\s)]*\.\s*\*'
     GROUP BY tab.rel, col.attname
     UNION ALL
    SELECT 'refuse', 'subscription-target', pg_catalog.format('%s receives rows from a publisher: replication stops when it sends a column %I that is not there', tab.rel, col.attname),
           'Drop it on the publisher, or take it out of the publication, first; or accept this.', true
      FROM tab, col WHERE EXISTS (SELECT FROM pg_catalog.pg_subscription_rel s WHERE s.srrelid IN (SELECT tree.relid FROM tree))
     UNION ALL
    SELECT 'refuse', 'not-owner', pg_catalog.format('role %I may not act as %I, who owns %s', session_user, tab.owner, tab.rel),
           CASE WHEN (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = tab.relowner)
                THEN pg_catalog.format('Run this as %I, or give the table an owner that is no superuser.', tab.owner)
                ELSE pg_catalog.format('GRANT %I TO %I', tab.owner, session_user) || CASE WHEN tab.version >= 160000 THEN ' WITH SET TRUE.' ELSE '.' END END, false
      FROM tab, runner WHERE NOT runner.may_be_owner
     UNION ALL
    SELECT 'refuse', 'schema-privilege', pg_catalog.format('%I, who owns %s, has no %s on schema %I, where a function and a sequence have to be made', tab.owner, tab.rel, p.name, tab.nspname),
           pg_catalog.format('GRANT %s ON SCHEMA %I TO %I.', p.name, tab.nspname, tab.owner), false
      FROM tab, (VALUES ('CREATE'), ('USAGE')) AS p (name) WHERE NOT pg_catalog.has_schema_privilege(tab.relowner, tab.relnamespace, p.name)
     UNION ALL
    SELECT 'refuse', 'table-privilege', pg_catalog.format('%I, who owns %s, has lost %s on it', tab.owner, tab.rel, p.name),
           pg_catalog.format('GRANT %s ON %s TO %I.', p.name, tab.rel, tab.owner), false
      FROM tab, (VALUES ('SELECT'), ('UPDATE'), ('TRIGGER')) AS p (name)
     WHERE tab.relkind IN ('r', 'p') AND NOT pg_catalog.has_table_privilege(tab.relowner, tab.oid, p.name)
     UNION ALL
    SELECT 'refuse', 'language-privilege', CASE WHEN l.oid IS NULL THEN 'this database has no PL/pgSQL, in which the meters are written'
                                                ELSE pg_catalog.format('%I, who owns %s, may not use the language PL/pgSQL', tab.owner, tab.rel) END,
           CASE WHEN l.oid IS NULL THEN 'CREATE EXTENSION plpgsql.' ELSE pg_catalog.format('GRANT USAGE ON LANGUAGE plpgsql TO %I.', tab.owner) END, false
      FROM tab LEFT JOIN pg_catalog.pg_language l ON l.lanname = 'plpgsql'
     WHERE NOT coalesce(pg_catalog.has_language_privilege(tab.relowner, l.oid, 'USAGE'), false)
     UNION ALL
    SELECT 'warn', 'null-may-come', pg_catalog.format('column %I of %s is NOT NULL and has no default: from expand on new code leaves NULL in it, which old code may not expect; and the way back has to fill those rows first', col.attname, tab.rel),
           'Give a placeholder, and they hold that instead.', false
      FROM tab, col WHERE col.attnotnull AND col.omitted_null
     UNION ALL
    SELECT 'warn', 'forced-row-security', pg_catalog.format('policies of %s hold for %I, who owns it, too (FORCE ROW LEVEL SECURITY): whether new code has left NULL in a row cannot be seen on the way back from expand, which stops at that', tab.rel, tab.owner),
           pg_catalog.format('Give a placeholder; or, when you have to go back: ALTER TABLE %s NO FORCE ROW LEVEL SECURITY.', tab.rel), false
      FROM tab, col
     WHERE tab.relrowsecurity AND tab.relforcerowsecurity AND col.attnotnull AND col.omitted_null
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = tab.relowner AND (r.rolsuper OR r.rolbypassrls))
     UNION ALL
    SELECT 'warn', 'inserts-not-counted', pg_catalog.format('what %I holds when it is omitted is another value each time, or not everybody may ask for it: INSERTs that give it cannot be told from those that do not, and are not counted', col.attname),
           CASE WHEN placed.volatile THEN 'UPDATEs are. Give a placeholder that is always the same, if they shall be; or look for the name in the code, too.'
                ELSE 'UPDATEs are. Look for the name in the code, too.' END, false
      FROM tab, col, placed
     WHERE col.attgenerated = ''
       AND (placed.volatile OR tab.placeholder IS NULL AND (col.attidentity <> '' OR (SELECT preset.volatile OR preset.may_fail FROM preset)))
     UNION ALL
    SELECT 'warn', 'reads-not-counted', pg_catalog.format('who only reads column %I is not seen before retire, when it fails', col.attname),
           'Look for the name in the code: gate code_references.', false
      FROM col
     UNION ALL
    SELECT 'warn', 'published-table', pg_catalog.format('%s is published with all its columns: retire leaves the column its name, since subscribers would stop at another; contract is the first time that it is missed', tab.rel),
           CASE WHEN col.attnotnull AND col.omitted_null
                THEN pg_catalog.format('Before expand, on each subscriber where it is NOT NULL: ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL; else replication stops at the first row of new code. After contract drop it there, too.', tab.rel, col.attname)
                ELSE pg_catalog.format('Before contract, on each subscriber where it is NOT NULL without a default: ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL; else replication stops at the first row that comes without it. After contract drop it there, too.', tab.rel, col.attname) END, false
      FROM tab, col
     WHERE EXISTS (SELECT FROM pg_catalog.pg_publication p
                    WHERE p.puballtables
                       OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel r
                                   WHERE r.prpubid = p.oid AND coalesce(pg_catalog.to_jsonb(r) -> 'prattrs', 'null') = 'null' AND r.prrelid IN (SELECT place.relid FROM place))
                       OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                                    JOIN pg_catalog.pg_depend o ON o.classid = d.classid AND o.objid = d.objid
                                     AND o.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass AND o.refobjid = p.oid
                                   WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
                                     AND d.refobjid IN (SELECT c.relnamespace FROM pg_catalog.pg_class c JOIN place ON place.relid = c.oid)))
     UNION ALL
    SELECT 'warn', 'many-partitions',
           pg_catalog.format('%s has %s partitions: expand, retire and contract lock and alter all of them, so the strong lock is held for longer, %s to %s ms', tab.rel, pg_catalog.count(*), pg_catalog.round(pg_catalog.count(*) * 0.2), pg_catalog.count(*)),
           'Let max_locks_per_transaction be well above that number.', false
      FROM tab, tree WHERE tree.relid <> tab.oid GROUP BY tab.rel HAVING pg_catalog.count(*) > 20
     UNION ALL
    SELECT 'warn', 'function-bodies',
           pg_catalog.format('functions whose text names %s and %I: %s', tab.rel, tab.column_name, pg_catalog.string_agg(func.what, ', ' ORDER BY func.what)),
           'Change them before retire; the gate function_bodies waits for it.', false
      FROM tab, func
     WHERE func.prosrc ~ (SELECT word.pattern FROM word WHERE word.name = 'old')
       AND (func.prosrc ~ (SELECT word.pattern FROM word WHERE word.name = 'table')
            OR func.oid IN (SELECT t.tgfoid FROM pg_catalog.pg_trigger t JOIN tree ON tree.relid = t.tgrelid WHERE NOT t.tgisinternal))
     GROUP BY tab.rel, tab.column_name
     UNION ALL
    SELECT 'warn', 'star-statements',
           pg_catalog.format('statements prepared as SELECT * or RETURNING * fail once per session at retire and at contract; INSERT and COPY without a column list take their values for other columns after contract', tab.rel),
           'Name the columns there.', false
      FROM tab WHERE tab.relkind IN ('r', 'p')
     UNION ALL
    SELECT 'warn', 'space-stays', 'the values stay where they are until their rows are written again; the number of the column is used up for good (of 1600)', NULL, false
      FROM tab WHERE tab.relkind IN ('r', 'p')
     UNION ALL
    SELECT 'warn', 'event-triggers', pg_catalog.format('event triggers see our statements, and may refuse them: %s', pg_catalog.string_agg(pg_catalog.quote_ident(e.evtname), ', ' ORDER BY e.evtname)), NULL, false
      FROM pg_catalog.pg_event_trigger e WHERE e.evtenabled <> 'D' HAVING pg_catalog.count(*) > 0
)
SELECT f.level, f.code, f.message, f.hint, f.acceptable
  FROM finding f
 ORDER BY f.level, f.acceptable, f.code;
