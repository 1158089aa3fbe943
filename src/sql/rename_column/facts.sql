-- What must be known of a column before its rename can be written down.  $1 the
-- table's oid, $2 the run, $3 the present name, $4 the new one.  Fragments of SQL
-- are made here, with the server's own quoting; an empty one means: nothing to do.
-- It is asked again when a run is adopted after a restore: then the column may bear
-- the new name already, and beside it stands a twin, with a comment of ours.
--
-- The twin has the base type of a domain: adding a column of a domain with a
-- constraint rewrites the table.  Text of expression indexes is taken over only
-- when as many words are exchanged as the parsed expression has references.
WITH RECURSIVE tab AS (
    SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relowner,
           pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel,
           pg_catalog.format('_orch_%s_', $2::text) AS ours,
           pg_catalog.format('orchestrate_%s', $2::text) AS trigger,
           $3::text AS old_name, $4::text AS new_name,
           (SELECT a.attname::text FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname IN ($3::text, $4::text)
               AND coalesce(pg_catalog.col_description(c.oid, a.attnum), '') NOT LIKE 'orchestrate plan %'
             ORDER BY a.attname = $3::text DESC LIMIT 1) AS present_name
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = $1::pg_catalog.oid
), col AS (
    SELECT a.attrelid, a.attnum, a.atttypid, a.atttypmod, a.attcollation, a.attstorage, a.attidentity, a.attacl,
           pg_catalog.to_jsonb(a) ->> 'attcompression' AS compression
      FROM pg_catalog.pg_attribute a
      JOIN tab ON a.attrelid = tab.oid AND a.attname = tab.present_name
     WHERE a.attnum > 0 AND NOT a.attisdropped
), tree (relid) AS ( -- the table and, where it is partitioned, all below it
    SELECT tab.oid FROM tab
     UNION
    SELECT i.inhrelid
      FROM tree
      JOIN pg_catalog.pg_class p ON p.oid = tree.relid AND p.relkind = 'p'
      JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
), member AS (
    SELECT c.oid, c.relkind = 'p' AS parent, n.nspname AS schema, a.attnum, a.attacl,
           pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel
      FROM tree
      JOIN tab ON true
      JOIN pg_catalog.pg_class c ON c.oid = tree.relid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = tab.present_name
     WHERE a.attnum > 0 AND NOT a.attisdropped
), base (typid, typmod, level) AS (
    SELECT col.atttypid, col.atttypmod, 0 FROM col
     UNION ALL
    SELECT t.typbasetype, t.typtypmod, base.level + 1
      FROM base JOIN pg_catalog.pg_type t ON t.oid = base.typid
     WHERE t.typtype = 'd'
), twin AS (
    SELECT pg_catalog.format_type(base.typid, base.typmod) AS type,
           CASE WHEN base.level > 0 THEN '::' || pg_catalog.format_type(base.typid, -1) ELSE '' END AS cast,
           CASE WHEN col.attcollation NOT IN (0, t.typcollation)
                THEN (SELECT pg_catalog.format(' COLLATE %I.%I', n.nspname, c.collname)
                        FROM pg_catalog.pg_collation c
                        JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
                       WHERE c.oid = col.attcollation) ELSE '' END AS collation,
           CASE WHEN col.attstorage <> t.typstorage
                THEN pg_catalog.format('ALTER COLUMN %I SET STORAGE %s', tab.new_name,
                     CASE col.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END)
                END AS storage,
           CASE WHEN col.compression <> ''
                THEN pg_catalog.format('ALTER COLUMN %I SET COMPRESSION %s', tab.new_name,
                     CASE col.compression WHEN 'l' THEN 'lz4' ELSE 'pglz' END)
                END AS compression
      FROM base, col, tab, pg_catalog.pg_type t
     WHERE t.oid = base.typid
     ORDER BY base.level DESC
     LIMIT 1
), preset AS ( -- the default, of the column or else of its domain
    SELECT coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), pg_catalog.pg_get_expr(t.typdefaultbin, 0)) AS sql,
           coalesce(d.oid::text, 'none') AS mark,
           coalesce(d.adbin, t.typdefaultbin)::text AS tree,
           col.attidentity <> '' AS identity
      FROM col
      JOIN pg_catalog.pg_type t ON t.oid = col.atttypid
      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = col.attrelid AND d.adnum = col.attnum
), volatility AS (
    SELECT preset.identity OR coalesce(preset.tree ~ '\{NEXTVALUEEXPR' OR 'v' = ANY (v.all), false) AS volatile
      FROM preset, LATERAL (
           SELECT pg_catalog.array_agg(p.provolatile::text) AS all
             FROM pg_catalog.regexp_matches(preset.tree, ':(?:funcid|opfuncid) (\d+)', 'g') m
             JOIN pg_catalog.pg_proc p ON p.oid = m[1]::pg_catalog.oid) v
), given AS ( -- what the twin holds when nobody wrote it
    SELECT preset.sql IS NOT NULL AND NOT volatility.volatile AS same,
           pg_catalog.format('(%s)::%s', CASE WHEN volatility.volatile OR preset.sql IS NULL THEN 'NULL' ELSE preset.sql END,
                             twin.type) AS sql
      FROM preset, volatility, twin
), words AS ( -- for looking into functions, where unquoted names know no case
    SELECT w.name,
           CASE WHEN w.word = pg_catalog.lower(w.word) THEN '(?i)' ELSE '' END AS flags,
           -- ORDER BY names no column: words of SQL itself are names in quotes and behind a dot.
           pg_catalog.replace(CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_get_keywords() k WHERE k.word = pg_catalog.lower(w.word) AND k.catcode IN ('R', 'T'))
                                   THEN '(?:["'']@["'']|(?<=\.\s*)@)' ELSE '"?@"?' END,
                              '@', pg_catalog.regexp_replace(pg_catalog.replace(w.word, '"', '""'), '([].*+?(){}|^$\\[])', '\\\1', 'g')) AS pattern
      FROM tab, LATERAL (VALUES ('from', tab.old_name), ('to', tab.new_name), ('table', tab.name::text)) AS w (name, word)
), item AS ( -- the indexes that serve the old name; those of partitions only where the parent has none
    SELECT member.rel, member.schema, member.parent, member.attnum, i.indexrelid, i.indrelid, i.indnatts, i.indnkeyatts, i.indkey, i.indclass, i.indcollation, i.indoption,
           i.indexprs, i.indpred, i.indisunique AND i.indimmediate AS is_unique,
           coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_equal,
           ic.relname, ic.reloptions, ic.reltablespace, am.amname, am.oid AS am,
           pg_catalog.format(':varattno %s ', member.attnum) AS reference,
           '(?<![[:alnum:]_$".:])'
             || pg_catalog.regexp_replace(pg_catalog.quote_ident(tab.present_name), '([].*+?(){}|^$\\[])', '\\\1', 'g')
             || '(?![[:alnum:]_$".(])' AS word
      FROM tab
      CROSS JOIN member
      JOIN pg_catalog.pg_index i ON i.indrelid = member.oid
      JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
      JOIN pg_catalog.pg_am am ON am.oid = ic.relam
     WHERE i.indisvalid AND i.indisready AND NOT i.indisexclusion
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_inherits h
                         JOIN pg_catalog.pg_index p ON p.indexrelid = h.inhparent AND p.indisvalid
                        WHERE h.inhrelid = i.indexrelid)
       AND (member.attnum = ANY ((i.indkey::pg_catalog.int2[])[0:i.indnkeyatts - 1])
            OR i.indexprs::text LIKE pg_catalog.format('%%:varattno %s %%', member.attnum)
            OR i.indpred::text LIKE pg_catalog.format('%%:varattno %s %%', member.attnum))
), safe AS ( -- those whose text can be taken over
    SELECT item.*
      FROM item, LATERAL (
           SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.regexp_matches(item.indexprs::text, item.reference, 'g'))
                = (SELECT pg_catalog.count(*)
                     FROM pg_catalog.generate_series(1, item.indnatts) k,
                          pg_catalog.regexp_matches(pg_catalog.pg_get_indexdef(item.indexrelid, k, false), item.word, 'g')
                    WHERE item.indkey[k - 1] = 0)
              AND (SELECT pg_catalog.count(*) FROM pg_catalog.regexp_matches(item.indpred::text, item.reference, 'g'))
                = (SELECT pg_catalog.count(*)
                     FROM pg_catalog.regexp_matches(pg_catalog.pg_get_expr(item.indpred, item.indrelid), item.word, 'g'))
              AS ok) checked
     WHERE checked.ok
), spelling (side, name) AS (
    SELECT v.side, v.name FROM tab, LATERAL (VALUES ('new', tab.new_name), ('old', tab.old_name)) AS v (side, name)
), columns AS (
    SELECT s.indexrelid, v.side,
           pg_catalog.string_agg(e.text || o.text, ', ' ORDER BY k.n) FILTER (WHERE k.n <= s.indnkeyatts) AS keys,
           pg_catalog.string_agg(e.text, ', ' ORDER BY k.n) FILTER (WHERE k.n > s.indnkeyatts) AS included
      FROM safe s
     CROSS JOIN spelling v
     CROSS JOIN LATERAL pg_catalog.generate_series(1, s.indnatts) AS k (n)
     CROSS JOIN LATERAL (
           SELECT CASE WHEN s.indkey[k.n - 1] = 0
                       THEN '(' || pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(s.indexrelid, k.n, false), s.word,
                                                             pg_catalog.replace(pg_catalog.quote_ident(v.name), '\', '\\'), 'g') || ')'
                       WHEN s.indkey[k.n - 1] = s.attnum THEN pg_catalog.quote_ident(v.name)
                       ELSE (SELECT pg_catalog.quote_ident(a.attname) FROM pg_catalog.pg_attribute a
                              WHERE a.attrelid = s.indrelid AND a.attnum = s.indkey[k.n - 1]) END AS text) e
     CROSS JOIN LATERAL (
           SELECT CASE WHEN k.n > s.indnkeyatts THEN '' ELSE pg_catalog.concat(
                  (SELECT pg_catalog.format(' COLLATE %I.%I', n.nspname, c.collname)
                     FROM pg_catalog.pg_collation c
                     JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
                    WHERE c.oid = s.indcollation[k.n - 1]),
                  (SELECT CASE WHEN NOT p.opcdefault OR ia.attoptions IS NOT NULL
                               THEN pg_catalog.format(' %I.%I', n.nspname, p.opcname) END
                        || coalesce((SELECT '(' || pg_catalog.string_agg(pg_catalog.format('%s=%L',
                                            pg_catalog.split_part(x, '=', 1), pg_catalog.substr(x, pg_catalog.strpos(x, '=') + 1)), ', ') || ')'
                                       FROM pg_catalog.unnest(ia.attoptions) x), '')
                     FROM pg_catalog.pg_opclass p
                     JOIN pg_catalog.pg_namespace n ON n.oid = p.opcnamespace
                     JOIN pg_catalog.pg_attribute ia ON ia.attrelid = s.indexrelid AND ia.attnum = k.n
                    WHERE p.oid = s.indclass[k.n - 1]),
                  CASE WHEN pg_catalog.pg_indexam_has_property(s.am, 'can_order') THEN
                       CASE WHEN s.indoption[k.n - 1]::pg_catalog.int4 & 1 = 1 THEN ' DESC' ELSE '' END
                       || CASE s.indoption[k.n - 1]::pg_catalog.int4 & 3 WHEN 2 THEN ' NULLS FIRST' WHEN 1 THEN ' NULLS LAST' ELSE '' END
                  END) END AS text) o
     GROUP BY s.indexrelid, v.side
), helper AS (
    SELECT s.relname, s.rel, s.schema, s.indrelid, s.parent, s.is_unique, s.indexrelid, v.side,
           pg_catalog.row_number() OVER (PARTITION BY v.side, s.is_unique ORDER BY s.indexrelid) AS item,
           pg_catalog.concat(
               ' USING ', pg_catalog.quote_ident(s.amname), ' (', c.keys, ')',
               ' INCLUDE (' || c.included || ')',
               CASE WHEN s.nulls_equal AND s.is_unique THEN ' NULLS NOT DISTINCT' END,
               (SELECT ' WITH (' || pg_catalog.string_agg(pg_catalog.format('%s=%L',
                       pg_catalog.split_part(x, '=', 1), pg_catalog.substr(x, pg_catalog.strpos(x, '=') + 1)), ', ') || ')'
                  FROM pg_catalog.unnest(s.reloptions) x),
               (SELECT pg_catalog.format(' TABLESPACE %I', ts.spcname) FROM pg_catalog.pg_tablespace ts
                 WHERE ts.oid = s.reltablespace AND pg_catalog.has_tablespace_privilege(tab.relowner, ts.oid, 'CREATE')),
               ' WHERE ' || pg_catalog.regexp_replace(pg_catalog.pg_get_expr(s.indpred, s.indrelid), s.word,
                                                     pg_catalog.replace(pg_catalog.quote_ident(v.name), '\', '\\'), 'g')) AS tail
      FROM safe s JOIN columns c USING (indexrelid) JOIN spelling v USING (side) CROSS JOIN tab
), index_name AS (
    SELECT h.relname AS of, h.item, h.is_unique, h.rel, h.schema, h.indrelid, h.parent, h.tail, o.tail AS old_tail,
           pg_catalog.concat(tab.ours, CASE WHEN h.is_unique THEN 'u' ELSE 'i' END, h.item) AS name
      FROM tab, helper h
      JOIN helper o USING (indexrelid)
     WHERE h.side = 'new' AND o.side = 'old'
), index_list AS ( -- all of them, and apart: a stale twin would break the unique ones
    SELECT l.list, pg_catalog.row_number() OVER (PARTITION BY l.list ORDER BY n.is_unique DESC, n.item) AS item,
           n.of, n.rel, n.schema, n.indrelid, n.tail, n.old_tail, n.name,
           CASE WHEN n.is_unique THEN 'CREATE UNIQUE INDEX' ELSE 'CREATE INDEX' END AS verb
      FROM index_name n,
           LATERAL (VALUES ('index'), (CASE WHEN n.is_unique THEN 'unique' ELSE 'plain' END)) AS k (list),
           LATERAL (SELECT CASE WHEN n.parent THEN 'tree_' ELSE '' END || k.list) AS l (list)
), whole_publication AS ( -- subscribers get every column of the table
    SELECT EXISTS (
        SELECT FROM tree
          JOIN pg_catalog.pg_class c ON c.oid = tree.relid
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_catalog.pg_publication_tables v ON v.schemaname = n.nspname AND v.tablename = c.relname
         WHERE NOT EXISTS (
               SELECT FROM pg_catalog.pg_publication p
                 JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid
                WHERE p.pubname = v.pubname AND r.prrelid IN (SELECT t.relid FROM tree t)
                  AND pg_catalog.to_jsonb(r) ->> 'prattrs' IS NOT NULL)) AS yes
), runner AS ( -- what it takes to act as the owner; whether triggers can be kept still by the session
    SELECT CASE WHEN version.number >= 160000 THEN 'SET' ELSE 'MEMBER' END AS acting,
           -- has_parameter_privilege came with 15: named in a text, so that older servers never look for it.
           CASE WHEN (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user) THEN true
                WHEN version.number >= 150000
                THEN pg_catalog.query_to_xml('SELECT pg_catalog.has_parameter_privilege(session_user, ''session_replication_role'', ''SET'') AS may',
                                             false, true, '')::text LIKE '%<may>true</may>%'
                ELSE false END AS may_replicate
      FROM (SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4) AS version (number)
), trig AS ( -- of the user, on UPDATE: those that nobody may make anew fire on the backfill, if the plan accepts it
    SELECT pg_catalog.count(*) > 0 AS yes,
           coalesce(pg_catalog.array_agg(t.tgname) FILTER (WHERE NOT pg_catalog.has_function_privilege(tab.relowner, p.oid, 'EXECUTE')
                    OR NOT pg_catalog.has_schema_privilege(tab.relowner, p.pronamespace, 'USAGE')
                    OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                                WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND d.objid = t.oid AND d.deptype = 'e')), '{}') AS fixed,
           coalesce(pg_catalog.bool_or(t.tgtype::pg_catalog.int4 & 3 = 3), false) AS before_row
      FROM tab
      CROSS JOIN tree
      JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.relid
      JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
     WHERE t.tgparentid = 0 AND NOT t.tgisinternal AND t.tgtype::pg_catalog.int4 & 16 = 16 AND t.tgname !~ '^[!~] ?orchestrate_[0-9]+'
), wide AS ( -- over 1 kB on average; of what is stored out of line statistics know only that it is
    SELECT col.attstorage <> 'p' AND coalesce(s.avg_width > 1000
           OR toast.bytes > 1024 * 1024 AND toast.bytes > 1000 * toast.rows
              AND (s.avg_width IS NULL OR s.histogram_bounds IS NULL AND s.most_common_vals IS NULL AND s.null_frac < 1), false) AS yes,
           -- An UPDATE that moves a row to another partition goes on as an INSERT, where a twin that
           -- nobody has filled looks like one that was given NULL: there every update has to be looked at.
           t.relkind <> 'p' AS stays
      FROM tab
      JOIN col ON true
      JOIN pg_catalog.pg_class t ON t.oid = tab.oid
      LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = tab.schema AND s.tablename = tab.name AND s.attname = tab.old_name AND s.inherited = (t.relkind = 'p')
      CROSS JOIN (SELECT pg_catalog.sum(pg_catalog.pg_relation_size(c.reltoastrelid)) AS bytes, pg_catalog.sum(greatest(c.reltuples, 0)) AS rows
                    FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.relid AND c.reltoastrelid <> 0) toast
), equal AS (
    SELECT pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I CHECK (pg_catalog.record_image_eq(ROW(%I%s), ROW(%I%s))) NOT VALID;',
                             tab.rel, tab.ours || 'equal', tab.new_name, twin.cast, tab.old_name, twin.cast) AS add
      FROM tab, twin
)
SELECT f.name, 0 AS item, f.value
  FROM tab, col, twin, preset, volatility, given, whole_publication, runner, trig, wide, equal, LATERAL (VALUES
       ('run', pg_catalog.split_part($2::text, '_', 1)),
       ('relid', tab.oid::text),
       ('rel', tab.rel),
       ('schema', tab.schema::text),
       ('table', tab.name::text),
       ('owner', (SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE r.oid = tab.relowner)),
       ('owner_oid', tab.relowner::text),
       ('acting', runner.acting),
       ('may_replicate', CASE WHEN runner.may_replicate THEN 'yes' END),
       ('settle', CASE WHEN trig.yes OR wide.yes THEN 'yes' END),
       ('fires_anyway', trig.fixed::text),
       ('attnum', col.attnum::text),
       ('type', pg_catalog.format_type(col.atttypid, col.atttypmod)),
       ('twin_type', twin.type || twin.collation),
       ('cast', twin.cast),
       ('twin_settings', CASE WHEN coalesce(twin.storage, twin.compression) IS NOT NULL
                              THEN pg_catalog.format('ALTER TABLE %s %s;', tab.rel, pg_catalog.concat_ws(', ', twin.storage, twin.compression)) END),
       ('default_md5', pg_catalog.md5(coalesce(preset.sql, ''))),
       ('default_mark', CASE WHEN volatility.volatile THEN 'volatile' ELSE preset.mark END),
       ('given', given.sql),
       ('twin_default', CASE WHEN given.same THEN pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s;', tab.rel, tab.new_name, preset.sql) END),
       ('twin_default_again', CASE WHEN given.same THEN pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s;', tab.rel, tab.old_name, preset.sql) END),
       ('inserted_by_old_name', CASE WHEN volatility.volatile THEN 'false'
                                     ELSE pg_catalog.format('pg_catalog.record_image_ne(ROW(NEW.%I%s), ROW(%s))', tab.old_name, twin.cast, given.sql) END),
       ('grants', (SELECT pg_catalog.string_agg(pg_catalog.format('GRANT %s (%I) ON %s TO %s%s;', x.privilege_type, tab.new_name, member.rel,
                              CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(r.rolname) END,
                              CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), E'\n' ORDER BY member.oid, r.rolname, x.privilege_type)
                     FROM member
                     CROSS JOIN LATERAL pg_catalog.aclexplode(member.attacl) x
                     LEFT JOIN pg_catalog.pg_roles r ON r.oid = x.grantee)),
       ('sync', pg_catalog.format('%I.%I', tab.schema, tab.ours || 'sync')),
       ('last', pg_catalog.format('%I.%I', tab.schema, tab.ours || 'last')),
       ('seen', pg_catalog.format('%I.%I', tab.schema, tab.ours || 'seen')),
       ('filling', pg_catalog.format('%I.%I', tab.schema, tab.ours || 'filling')),
       ('meter', pg_catalog.format('%I.%I', tab.schema, tab.ours || 'meter')),
       ('wait', tab.ours || 'wait'),
       ('equal', tab.ours || 'equal'),
       ('equal_at_first', CASE WHEN NOT wide.yes THEN tab.ours || 'equal' END),
       ('equal_early', CASE WHEN NOT wide.yes THEN equal.add END),
       ('equal_late', CASE WHEN wide.yes THEN equal.add END),
       -- Where the triggers heal no row, one may move from before the sweep to behind it.
       ('filled', CASE WHEN wide.yes THEN pg_catalog.format('SELECT NOT EXISTS (SELECT FROM %1$s WHERE'
                                       ' pg_catalog.record_image_ne(ROW(%2$I%4$s), ROW(%3$I%4$s))) AS done', tab.rel, tab.new_name, tab.old_name, twin.cast) END),
       ('equal_late_drop', CASE WHEN wide.yes THEN pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I;', tab.rel, tab.ours || 'equal') END),
       -- What a trigger of the user changes on its own is seen only by one that looks at every update.
       ('of_first', CASE WHEN wide.yes AND wide.stays THEN pg_catalog.format('OF %I, %I', tab.old_name, tab.new_name) END),
       ('of_last', CASE WHEN wide.yes AND wide.stays AND NOT trig.before_row THEN pg_catalog.format('OF %I, %I', tab.old_name, tab.new_name) END),
       ('between', tab.ours || 'between'),
       ('trigger_first', '!' || tab.trigger),
       ('trigger_last', '~' || tab.trigger),
       ('trigger_insert', '! ' || tab.trigger || '_sync'),
       ('trigger_insert_both', '! ' || tab.trigger || '_sync_both'),
       ('trigger_seen', '! ' || tab.trigger || '_seen'),
       ('trigger_used', '! ' || tab.trigger || '_used'),
       ('trigger_used_row', '! ' || tab.trigger || '_used_row'),
       -- The meter of statements stands on the parent only: this one sees who writes to a partition by its own name.
       ('trigger_used_row_create', (SELECT pg_catalog.format(E'CREATE TRIGGER %1$I BEFORE UPDATE OF %2$I ON %3$s FOR EACH ROW\n'
                                           '    WHEN (pg_catalog.nextval(%4$L::pg_catalog.regclass) IS NULL)\n'
                                           '    EXECUTE FUNCTION %5$I.%6$I();\nALTER TABLE %3$s ENABLE ALWAYS TRIGGER %1$I;',
                                           '! ' || tab.trigger || '_used_row', tab.old_name, tab.rel,
                                           pg_catalog.format('%I.%I', tab.schema, tab.ours || 'meter'), tab.schema, tab.ours || 'seen')
                                      FROM member WHERE member.oid = tab.oid AND member.parent)),
       ('trigger_used_row_drop', (SELECT pg_catalog.format('DROP TRIGGER %I ON %s;', '! ' || tab.trigger || '_used_row', tab.rel)
                                    FROM member WHERE member.oid = tab.oid AND member.parent)),
       -- A row of long values that the backfill has not reached may go, by an update of something else,
       -- where it has been already: this fills it, and sees that without reading a value.
       ('trigger_fill_create', CASE WHEN wide.yes THEN pg_catalog.format(
            E'CREATE TRIGGER %1$I BEFORE UPDATE ON %2$s FOR EACH ROW\n    WHEN (NEW.%3$I IS NULL AND NEW.%4$I IS NOT NULL)\n'
            '    EXECUTE FUNCTION %5$I.%6$I();\nALTER TABLE %2$s ENABLE ALWAYS TRIGGER %1$I;',
            '! ' || tab.trigger || '_fill', tab.rel, tab.new_name, tab.old_name, tab.schema, tab.ours || 'sync') END),
       -- After retire the twin holds older values, which only comparing tells.
       ('trigger_fill_again', CASE WHEN wide.yes THEN pg_catalog.format(
            E'CREATE TRIGGER %1$I BEFORE UPDATE ON %2$s FOR EACH ROW\n    WHEN (pg_catalog.record_image_ne(ROW(NEW.%3$I%7$s), ROW(NEW.%4$I%7$s)))\n'
            '    EXECUTE FUNCTION %5$I.%6$I();\nALTER TABLE %2$s ENABLE ALWAYS TRIGGER %1$I;',
            '! ' || tab.trigger || '_fill', tab.rel, tab.new_name, tab.old_name, tab.schema, tab.ours || 'sync', twin.cast) END),
       ('trigger_fill_drop', CASE WHEN wide.yes THEN pg_catalog.format('DROP TRIGGER %I ON %s;', '! ' || tab.trigger || '_fill', tab.rel) END),
       ('partitioned', (SELECT CASE WHEN member.parent THEN 'yes' END FROM member WHERE member.oid = tab.oid)),
       ('our_triggers', pg_catalog.format('^[!~] ?orchestrate_%s(_[0-9a-z_]+)?$', pg_catalog.split_part($2::text, '_', 1))),
       ('our_indexes', '^' || tab.ours || '[iu][0-9]+(__e[0-9]+)?$'),
       ('tombstone', tab.ours || 'tombstone'),
       ('gone', CASE WHEN whole_publication.yes THEN tab.old_name ELSE tab.ours || 'tombstone' END),
       ('bury', CASE WHEN NOT whole_publication.yes
                     THEN pg_catalog.format('ALTER TABLE %s RENAME COLUMN %I TO %I;', tab.rel, tab.old_name, tab.ours || 'tombstone') END),
       ('unbury', CASE WHEN NOT whole_publication.yes
                       THEN pg_catalog.format('ALTER TABLE %s RENAME COLUMN %I TO %I;', tab.rel, tab.ours || 'tombstone', tab.old_name) END)
       ) AS f (name, value)
 UNION ALL
SELECT w.name || f.suffix, 0, f.value
  FROM words w, LATERAL (VALUES
       ('_word', w.flags || '(^|[^[:alnum:]_$])' || w.pattern || '($|[^[:alnum:]_$])'),
       ('_field', w.flags || '(^|[^[:alnum:]_$])([nN][eE][wW]|[oO][lL][dD])\s*\.\s*' || w.pattern || '($|[^[:alnum:]_$])'),
       ('_assigned', '(?i)(^|[^[:alnum:]_$])new\s*\.\s*' || w.pattern || '\s*:='
                     || '|(;|\n|\m(begin|then|else|loop))\s*new\s*\.\s*' || w.pattern || '\s*='
                     || '|\minto\s+(strict\s+)?([^\s,;()]+\s*,\s*)*new\s*\.\s*' || w.pattern || '($|[^[:alnum:]_$])')
       ) AS f (suffix, value)
 UNION ALL
SELECT i.list || '.' || f.name, i.item, f.value
  FROM index_list i, LATERAL (VALUES ('name', i.name), ('of', i.of::text)) AS f (name, value)
 UNION ALL
SELECT i.list || '.' || f.name, i.item, f.value
  FROM index_list i, LATERAL (VALUES
       ('create', pg_catalog.format('%s CONCURRENTLY %I ON %s%s', i.verb, i.name || '{attempt}', i.rel, i.tail)),
       ('create_again', pg_catalog.format('%s CONCURRENTLY %I ON %s%s', i.verb, i.name || '{attempt}', i.rel, i.old_tail)), -- when the twin bears the old name
       ('exists', pg_catalog.format('SELECT EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid'
                                    ' WHERE i.indrelid = %s AND c.relname = %L AND i.indisvalid) AS done', i.indrelid, i.name)),
       ('publish', pg_catalog.format(E'ALTER INDEX %1$I.%2$I RENAME TO %3$I;\nCOMMENT ON INDEX %1$I.%3$I IS ', i.schema, i.name || '{attempt}', i.name)),
       ('leftovers', pg_catalog.format('SELECT pg_catalog.format(''DROP INDEX CONCURRENTLY %%I.%%I'', %L, c.relname)'
                                       ' FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid'
                                       ' WHERE i.indrelid = %s AND c.relname ~ %L', i.schema, i.indrelid, '^' || i.name || '__e[0-9]+$')),
       ('drop', pg_catalog.format('DROP INDEX CONCURRENTLY IF EXISTS %I.%I', i.schema, i.name)),
       ('dropped', pg_catalog.format('SELECT pg_catalog.count(*) = 0 AS done, pg_catalog.bool_or(NOT i.indisvalid) AS begun FROM pg_catalog.pg_index i'
                                     ' JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = %s AND c.relname ~ %L', i.indrelid, '^' || i.name || '(__e[0-9]+)?$'))
       ) AS f (name, value)
 WHERE i.list !~ '^tree_'
 UNION ALL -- for tree_index.sql
SELECT i.list || '.' || f.name, i.item, f.value
  FROM index_list i, LATERAL (VALUES
       ('relid', i.indrelid::text),
       ('rel', i.rel),
       ('schema', i.schema::text),
       ('verb', i.verb),
       ('tail', CASE WHEN i.list = 'tree_unique' THEN i.old_tail ELSE i.tail END)) AS f (name, value); -- made again when the twin bears the old name
