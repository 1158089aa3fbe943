-- What must be known of a column before its end can be written down.  $1 the table's oid,
-- $2 the run, $3 the column, $4 the placeholder, $5 what may go along.  It is asked again
-- when a run is adopted after a restore: then the column may be set aside already, and the
-- comment of the meter knows what expand and contract have taken from it.
WITH tab AS (
    SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relowner, c.relkind,
           pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel,
           pg_catalog.format('_orch_%s_', $2::text) AS ours,
           pg_catalog.format('orchestrate_%s', $2::text) AS trigger,
           $3::text AS column_name,
           coalesce($5::pg_catalog.jsonb, '[]') AS also_drops,
           pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = $1::pg_catalog.oid
), meter AS ( -- what it says becomes statements of ours: see `remembered`
    SELECT (SELECT pg_catalog.substring(pg_catalog.obj_description(m.oid, 'pg_class'), ': ({.*})$')::pg_catalog.jsonb
              FROM pg_catalog.pg_class m
              JOIN pg_catalog.pg_namespace n ON n.oid = m.relnamespace
             WHERE m.relkind = 'S' AND n.nspname = tab.schema AND m.relname = tab.ours || 'meter') AS was
      FROM tab
), col AS (
    SELECT a.attnum, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity, a.attgenerated
      FROM tab
      JOIN pg_catalog.pg_attribute a ON a.attrelid = tab.oid AND a.attnum > 0 AND NOT a.attisdropped
       AND a.attname IN (tab.column_name, tab.ours || 'tombstone')
     ORDER BY a.attname = tab.column_name DESC
     LIMIT 1
), preset AS ( -- the default, of the column or else of its domain
    SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS own_sql,
           -- DEFAULT NULL of a varchar(3) is stored, with its casts; it is none.
           CASE WHEN tree.sql ~ '^\(*NULL\M' AND tree.text !~ '\{(?!CONST|FUNCEXPR|RELABELTYPE|COERCEVIAIO|COERCETODOMAIN|ARRAYCOERCEEXPR|CASETESTEXPR)|:funcformat [03]' THEN NULL ELSE tree.sql END AS sql,
           col.attidentity <> '' OR coalesce(tree.text ~ '\{NEXTVALUEEXPR' OR 'v' = ANY (v.all), false) AS volatile,
           coalesce(v.may_fail, false) AS may_fail
      FROM tab
     CROSS JOIN col
      JOIN pg_catalog.pg_type t ON t.oid = col.atttypid
      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = tab.oid AND d.adnum = col.attnum AND col.attgenerated = ''
     CROSS JOIN LATERAL (SELECT coalesce(d.adbin, t.typdefaultbin)::text,
                                 coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), pg_catalog.pg_get_expr(t.typdefaultbin, 0))) AS tree (text, sql)
     CROSS JOIN LATERAL (
           -- A meter that asks for the default where a value is given must not fail: a setting that
           -- is not there, a function that the writer may not call, or that looks for either.
           SELECT pg_catalog.array_agg(p.provolatile::text) AS all,
                  pg_catalog.bool_or(p.proname = 'current_setting'
                                     OR p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
                                        AND (p.provolatile = 's' OR NOT pg_catalog.has_function_privilege('public', p.oid, 'EXECUTE'))) AS may_fail
             FROM pg_catalog.regexp_matches(tree.text, ':(?:funcid|opfuncid) (\d+)', 'g') m
             JOIN pg_catalog.pg_proc p ON p.oid = m[1]::pg_catalog.oid) v
), placed AS ( -- does the placeholder call what may answer otherwise each time, or fail?  Names are all there is to go by
    SELECT EXISTS (SELECT FROM pg_catalog.regexp_matches(pg_catalog.regexp_replace($4::text, '''([^'']|'''')*''', '''''', 'g'),
                                        '(?:("(?:[^"]|"")+"|[[:alpha:]_][[:alnum:]_$]*)\s*\.\s*)?("(?:[^"]|"")+"|[[:alpha:]_][[:alnum:]_$]*)\s*\(', 'g') m
                     JOIN pg_catalog.pg_proc p ON pg_catalog.quote_ident(p.proname) IN (m[2], pg_catalog.lower(m[2]))
                      AND (p.provolatile = 'v' OR p.proname = 'current_setting'
                           OR p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
                              AND (p.provolatile = 's' OR NOT pg_catalog.has_function_privilege('public', p.oid, 'EXECUTE')))
                     JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
                      AND pg_catalog.quote_ident(n.nspname) IN (coalesce(m[1], 'pg_catalog'), pg_catalog.lower(m[1]))) AS volatile
), need AS ( -- what lets new code omit it
    SELECT $4::text IS NOT NULL AS placeholder,
           coalesce((meter.was ->> 'relax')::boolean,
                    col.attnotnull AND preset.sql IS NULL AND $4::text IS NULL AND col.attidentity = '' AND col.attgenerated = '') AS relax,
           CASE WHEN meter.was IS NULL THEN preset.own_sql ELSE meter.was ->> 'default' END AS preset_sql
      FROM col, preset, meter
), apart AS ( -- partitions with a default of their own, which the placeholder takes from them
    SELECT coalesce(meter.was -> 'defaults', (
           SELECT pg_catalog.jsonb_object_agg(pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.pg_get_expr(d.adbin, d.adrelid))
             FROM tab
            CROSS JOIN preset
            CROSS JOIN LATERAL pg_catalog.pg_partition_tree(tab.oid) t
             JOIN pg_catalog.pg_class c ON c.oid = t.relid AND c.oid <> tab.oid
             JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
             JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = tab.column_name AND NOT a.attisdropped
             LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
            WHERE need.placeholder AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) IS DISTINCT FROM preset.own_sql), '{}') AS defaults
      FROM meter, need
), omitted AS ( -- what the column holds in a row of code that omits it
    SELECT CASE WHEN need.placeholder THEN pg_catalog.format('(%s)', $4::text) WHEN preset.sql IS NOT NULL THEN pg_catalog.format('(%s)', preset.sql) ELSE 'NULL' END AS sql,
           CASE WHEN need.placeholder THEN placed.volatile ELSE preset.volatile OR preset.may_fail END OR col.attgenerated <> '' OR col.attidentity <> '' AS unknown
      FROM need, preset, col, placed
), not_null AS ( -- since 18 a constraint, which has a name
    SELECT n.conname, n.comment, n.alone
      FROM meter
     CROSS JOIN LATERAL pg_catalog.jsonb_to_record(coalesce(meter.was -> 'not_null', (
           SELECT pg_catalog.jsonb_build_object('conname', k.conname, 'comment', pg_catalog.obj_description(k.oid, 'pg_constraint'),
                                                'alone', pg_catalog.pg_get_constraintdef(k.oid) LIKE '% NO INHERIT%')
             FROM tab
             JOIN col ON true
             JOIN pg_catalog.pg_constraint k ON k.conrelid = tab.oid AND k.contype = 'n' AND k.conkey = ARRAY[col.attnum]), '{}')) AS n (conname text, comment text, alone boolean)
), word AS ( -- for looking into functions, where unquoted names know no case
    SELECT w.name,
           CASE WHEN w.word = pg_catalog.lower(w.word) THEN '(?i)' ELSE '' END AS flags,
           -- ORDER BY names no table: words of SQL itself are names in quotes and behind a dot.
           pg_catalog.replace(CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_get_keywords() k WHERE k.word = pg_catalog.lower(w.word) AND k.catcode IN ('R', 'T'))
                                   THEN '(?:["'']@["'']|(?<=\.\s*)@)' ELSE '"?@"?' END,
                              '@', pg_catalog.regexp_replace(pg_catalog.replace(w.word, '"', '""'), '([].*+?(){}|^$\\[])', '\\\1', 'g')) AS pattern
      FROM tab, LATERAL (VALUES ('old', tab.column_name), ('table', tab.name::text)) AS w (name, word)
), published AS (
    SELECT EXISTS (SELECT FROM pg_catalog.pg_publication p
                    WHERE p.puballtables
                       OR EXISTS (SELECT FROM pg_catalog.pg_publication_rel r
                                   WHERE r.prpubid = p.oid
                                     AND coalesce(pg_catalog.to_jsonb(r) -> 'prattrs', 'null') = 'null'
                                     AND r.prrelid IN (SELECT tab.oid UNION SELECT a.relid FROM pg_catalog.pg_partition_ancestors(tab.oid) AS a (relid)
                                                        UNION SELECT t.relid FROM pg_catalog.pg_partition_tree(tab.oid) t))
                       OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                                    JOIN pg_catalog.pg_depend o ON o.classid = d.classid AND o.objid = d.objid
                                     AND o.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass AND o.refobjid = p.oid
                                   WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
                                     AND d.refobjid IN (SELECT c.relnamespace FROM pg_catalog.pg_class c
                                                         WHERE c.oid IN (SELECT tab.oid UNION SELECT a.relid FROM pg_catalog.pg_partition_ancestors(tab.oid) AS a (relid)
                                                                          UNION SELECT t.relid FROM pg_catalog.pg_partition_tree(tab.oid) t)))) AS whole
      FROM tab
), standing AS ( -- indexes that only serve the column; those of constraints and of partitions go with it
    SELECT pg_catalog.format('%I.%I', n.nspname, ic.relname) AS name, pg_catalog.row_number() OVER (ORDER BY ic.relname) AS item
      FROM tab
      JOIN pg_catalog.pg_index i ON i.indrelid = tab.oid
      JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid AND ic.relkind = 'i'
      JOIN pg_catalog.pg_namespace n ON n.oid = ic.relnamespace
     CROSS JOIN col
     WHERE tab.relkind = 'r' AND NOT ic.relispartition
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid)
       AND EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid
                      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = tab.oid AND d.refobjsubid = col.attnum)
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid
                          AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = tab.oid AND d.refobjsubid NOT IN (0, col.attnum))
), listed AS ( -- those that there were, in the order of their steps
    SELECT coalesce(meter.was -> 'indexes', (SELECT pg_catalog.jsonb_agg(standing.name ORDER BY standing.item) FROM standing), '[]') AS indexes FROM meter
), leaving AS ( -- foreign keys of the column, which contract drops before it: each locks another table
    SELECT k.oid, k.conrelid, k.confrelid, k.conname, pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel, pg_catalog.format('%I.%I', fn.nspname, f.relname) AS target
      FROM tab
     CROSS JOIN col
     CROSS JOIN LATERAL (SELECT tab.oid UNION SELECT t.relid FROM pg_catalog.pg_partition_tree(tab.oid) t) AS part (relid)
      JOIN pg_catalog.pg_constraint k ON k.contype = 'f' AND k.conrelid = part.relid AND k.conparentid = 0 AND k.confrelid <> tab.oid
      JOIN pg_catalog.pg_attribute own ON own.attrelid = tab.oid AND own.attnum = col.attnum
      JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND a.attname = own.attname
      JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
      JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
), left_by AS ( -- those that there were, in the order of their steps
    SELECT coalesce(meter.was -> 'keys', (
           SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('rel', leaving.rel, 'name', leaving.conname, 'target', leaving.target) ORDER BY leaving.rel, leaving.conname) FROM leaving), '[]') AS keys
      FROM meter
), leaving_now AS ( -- they are known by their oids, and one that was made anew by its name and target
    SELECT k.item, k.j, coalesce(leaving.oid, 0) AS oid, pg_catalog.format('%s %s %s', leaving.conrelid, leaving.confrelid, leaving.conname) AS known
      FROM left_by
     CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(left_by.keys) WITH ORDINALITY AS k (j, item)
      LEFT JOIN leaving ON leaving.rel = k.j ->> 'rel' AND leaving.conname = k.j ->> 'name' AND leaving.target = k.j ->> 'target'
), lone AS (
    SELECT i.name, i.item FROM listed, pg_catalog.jsonb_array_elements_text(listed.indexes) WITH ORDINALITY AS i (name, item)
)
SELECT f.name, 0::pg_catalog.int8 AS item, f.value
  FROM tab
 CROSS JOIN meter
 CROSS JOIN col
 CROSS JOIN preset
 CROSS JOIN need
 CROSS JOIN omitted
 CROSS JOIN published
  LEFT JOIN not_null ON true
 CROSS JOIN LATERAL (VALUES
       ('rel', tab.rel),
       ('schema', tab.schema::text),
       ('table', tab.name::text),
       ('relid', tab.oid::text),
       ('attnum', col.attnum::text),
       ('column', tab.column_name),
       ('owner', (SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE r.oid = tab.relowner)),
       ('meter', pg_catalog.format('%I.%I', tab.schema, tab.ours || 'meter')),
       ('seen', pg_catalog.format('%I.%I', tab.schema, tab.ours || 'seen')),
       ('trigger_seen', '! ' || tab.trigger || '_seen'),
       ('trigger_used', '! ' || tab.trigger || '_used'),
       ('our_triggers', pg_catalog.format('^[!~] ?orchestrate_%s(_[0-9a-z_]+)?$', pg_catalog.split_part($2::text, '_', 1))),
       ('meter_of_updates', CASE WHEN col.attgenerated <> '' THEN 'false'
                                 ELSE pg_catalog.format('pg_catalog.nextval(%L::pg_catalog.regclass) IS NULL', pg_catalog.format('%I.%I', tab.schema, tab.ours || 'meter')) END),
       -- The meter of statements stands on the parent only: rows are what is seen of who writes to a partition by its own name.
       ('used_for_each', CASE tab.relkind WHEN 'p' THEN 'ROW' ELSE 'STATEMENT' END),
       ('inserted', CASE WHEN omitted.unknown THEN 'false'
                         WHEN omitted.sql = 'NULL' THEN pg_catalog.format('NEW.%I IS DISTINCT FROM NULL', tab.column_name)
                         ELSE pg_catalog.format('pg_catalog.record_image_ne(ROW(NEW.%I), ROW((%s)::%s))', tab.column_name, omitted.sql,
                                                pg_catalog.format_type(col.atttypid, col.atttypmod)) END),
       ('relax', CASE WHEN need.relax THEN pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL;', tab.rel, tab.column_name) END),
       ('place', CASE WHEN need.placeholder THEN pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s;', tab.rel, tab.column_name, pg_catalog.format('(%s)', $4::text)) END),
       ('unplace', CASE WHEN need.placeholder
                        THEN CASE WHEN need.preset_sql IS NOT NULL THEN pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s;', tab.rel, tab.column_name, need.preset_sql)
                                  ELSE pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT;', tab.rel, tab.column_name) END
                             -- A partition may have gone meanwhile.
                             || coalesce((SELECT pg_catalog.string_agg(pg_catalog.format(E'\nDO %L;', pg_catalog.format(
                                                     'BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass(%L) AND attname = %L) THEN ALTER TABLE ONLY %s ALTER COLUMN %I %s; END IF; END',
                                                     e.key, tab.column_name, e.key, tab.column_name, coalesce('SET DEFAULT ' || e.value, 'DROP DEFAULT'))), '' ORDER BY e.key)
                                            FROM apart, pg_catalog.jsonb_each_text(apart.defaults) e), '') END),
       ('not_null', CASE WHEN need.relax THEN coalesce(not_null.conname, tab.ours || 'not_null') END),
       ('not_null_add', CASE WHEN NOT need.relax THEN NULL
                             WHEN not_null.conname IS NOT NULL
                             THEN pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I NOT NULL %I%s NOT VALID;', tab.rel, not_null.conname, tab.column_name,
                                                    CASE WHEN not_null.alone THEN ' NO INHERIT' ELSE '' END)
                                  || coalesce(pg_catalog.format(E'\nCOMMENT ON CONSTRAINT %I ON %s IS %L;', not_null.conname, tab.rel, not_null.comment), '')
                             ELSE pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I CHECK (%I IS NOT NULL) NOT VALID;', tab.rel, tab.ours || 'not_null', tab.column_name) END),
       ('not_null_set', CASE WHEN need.relax AND not_null.conname IS NULL
                             THEN pg_catalog.format(E'ALTER TABLE %s ALTER COLUMN %I SET NOT NULL;\nALTER TABLE %s DROP CONSTRAINT %I;', tab.rel, tab.column_name, tab.rel, tab.ours || 'not_null') END),
       ('tombstone', tab.ours || 'tombstone'),
       -- Those that expand changes with the table.
       ('known_members', (SELECT coalesce(pg_catalog.array_agg(t.relid::pg_catalog.oid), '{}')::text FROM pg_catalog.pg_partition_tree(tab.oid) t
                           WHERE need.relax OR need.placeholder)),
       ('takes_null', CASE WHEN omitted.sql = 'NULL' AND NOT omitted.unknown THEN 'yes' ELSE '' END),
       -- Subscribers of a table that is published whole would stop at a name that they do not know.
       ('gone', CASE WHEN published.whole THEN tab.column_name ELSE tab.ours || 'tombstone' END),
       ('bury', CASE WHEN NOT published.whole THEN pg_catalog.format('ALTER TABLE %s RENAME COLUMN %I TO %I;', tab.rel, tab.column_name, tab.ours || 'tombstone') END),
       ('unbury', CASE WHEN NOT published.whole THEN pg_catalog.format('ALTER TABLE %s RENAME COLUMN %I TO %I;', tab.rel, tab.ours || 'tombstone', tab.column_name) END),
       ('memory', (SELECT pg_catalog.jsonb_build_object('relax', need.relax, 'default', need.preset_sql, 'defaults', apart.defaults, 'indexes', listed.indexes, 'keys', left_by.keys,
                                                        'not_null', pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('conname', not_null.conname, 'comment', not_null.comment, 'alone', not_null.alone)))::text
                     FROM listed, left_by, apart)),
       ('remembered', meter.was::text), -- believed only where the run's own record says the same
       ('received', CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_subscription_rel s
                                       WHERE s.srrelid IN (SELECT tab.oid UNION SELECT t.relid FROM pg_catalog.pg_partition_tree(tab.oid) t)) THEN 'yes' ELSE '' END),
       ('also_drops', tab.also_drops::text),
       ('known_keys', (SELECT coalesce(pg_catalog.array_agg(k.oid::text) || pg_catalog.array_agg(k.known), '{}')::text FROM leaving_now k)),
       ('old_word', (SELECT w.flags || '(^|[^[:alnum:]_$])' || w.pattern || '($|[^[:alnum:]_$])' FROM word w WHERE w.name = 'old')),
       ('old_field', (SELECT w.flags || '(^|[^[:alnum:]_$])([nN][eE][wW]|[oO][lL][dD])\s*\.\s*' || w.pattern || '($|[^[:alnum:]_$])' FROM word w WHERE w.name = 'old')),
       ('table_word', (SELECT w.flags || '(^|[^[:alnum:]_$])' || w.pattern || '($|[^[:alnum:]_$])' FROM word w WHERE w.name = 'table'))
     ) AS f (name, value)
 UNION ALL
SELECT 'index.' || f.name, lone.item, f.value
  FROM lone
 CROSS JOIN LATERAL (VALUES ('name', lone.name), ('rel', ''), ('oid', '0'), ('target', '')) AS f (name, value)
 UNION ALL
SELECT 'key.' || f.name, k.item, f.value
  FROM leaving_now k
 CROSS JOIN LATERAL (VALUES
       ('oid', k.oid::text),
       ('rel', k.j ->> 'rel'),
       ('name', k.j ->> 'name'),
       ('target', k.j ->> 'target'),
       ('both', pg_catalog.format('%s, %s', k.j ->> 'rel', k.j ->> 'target'))
     ) AS f (name, value);
