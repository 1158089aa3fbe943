-- What must be known of a table before its end can be written down.  $1 its oid, $2 the
-- run.  It is asked again when a run is adopted after a restore: then the table may be
-- set aside and the foreign keys gone already, and the comment of the meter knows them.
WITH RECURSIVE tab AS (
    SELECT c.oid, n.nspname AS schema, c.relowner, c.relkind, pg_catalog.format('_orch_%s_', $2::text) AS ours, meter.was,
           CASE WHEN c.relname !~ '^_orch_[0-9_]+_tombstone$' THEN c.relname::text ELSE meter.was ->> 'table' END AS old_name
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN LATERAL (
           SELECT pg_catalog.substring(pg_catalog.obj_description(m.oid, 'pg_class'), ': ({.*})$')::pg_catalog.jsonb AS was
             FROM pg_catalog.pg_class m
            WHERE m.relkind = 'S' AND m.relnamespace = c.relnamespace AND m.relname = pg_catalog.format('_orch_%s_meter', $2::text)) AS meter ON true -- what it says becomes statements of ours: see `remembered`
     WHERE c.oid = $1::pg_catalog.oid
), tree AS (
    SELECT tab.oid AS relid FROM tab
     UNION
    SELECT t.relid FROM tab, pg_catalog.pg_partition_tree(tab.oid) t WHERE tab.relkind = 'p'
), word AS ( -- for looking into functions, where unquoted names know no case
    SELECT CASE WHEN tab.old_name = pg_catalog.lower(tab.old_name) THEN '(?i)' ELSE '' END || '(^|[^[:alnum:]_$])'
             -- ORDER BY names no table: words of SQL itself are names in quotes and behind a dot.
             || pg_catalog.replace(CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_get_keywords() k WHERE k.word = pg_catalog.lower(tab.old_name) AND k.catcode IN ('R', 'T'))
                                        THEN '(?:["'']@["'']|(?<=\.\s*)@)' ELSE '"?@"?' END,
                                   '@', pg_catalog.regexp_replace(pg_catalog.replace(tab.old_name, '"', '""'), '([].*+?(){}|^$\\[])', '\\\1', 'g')) || '($|[^[:alnum:]_$])' AS pattern
      FROM tab
), standing AS ( -- foreign keys of others
    SELECT k.*, n.nspname AS schema, c.relname AS relation, pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel,
           coalesce((pg_catalog.to_jsonb(k) ->> 'conenforced')::boolean, true) AS enforced,
           coalesce((pg_catalog.to_jsonb(k) ->> 'conperiod')::boolean, false) AS period,
           c.relkind = 'p' AND f.relkind <> 'p' AS partitioned,
           (SELECT pg_catalog.count(*) FROM pg_catalog.pg_partition_ancestors(k.conrelid)) AS depth,
           pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID$', '') AS definition,
           CASE WHEN k.confrelid = tab.oid THEN pg_catalog.format('%I.%I', tab.schema, tab.old_name) ELSE k.confrelid::pg_catalog.regclass::text END AS target
      FROM tab
     CROSS JOIN tree
      JOIN pg_catalog.pg_constraint k ON k.contype = 'f' AND k.confrelid = tree.relid AND k.conparentid = 0
      JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
     WHERE k.conrelid NOT IN (SELECT t.relid FROM tree t)
), below (key, oid, conrelid, conname, convalidated) AS ( -- what partitions have of a key
    SELECT standing.oid, standing.oid, standing.conrelid, standing.conname, standing.convalidated FROM standing WHERE standing.partitioned
     UNION
    SELECT below.key, k.oid, k.conrelid, k.conname, k.convalidated
      FROM below
      JOIN pg_catalog.pg_constraint k ON k.conparentid = below.oid AND k.conrelid <> below.conrelid
), parts AS ( -- as far as it is not what the server would make by itself
    SELECT standing.oid, pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
               'schema', n.nspname, 'relation', c.relname, 'name', below.conname, 'valid', below.convalidated, 'comment', d.comment)) ORDER BY n.nspname, c.relname) AS parts
      FROM standing
      JOIN below ON below.key = standing.oid AND below.oid <> standing.oid
      JOIN pg_catalog.pg_class c ON c.oid = below.conrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     CROSS JOIN LATERAL (SELECT pg_catalog.obj_description(below.oid, 'pg_constraint') AS comment) d
     WHERE below.conname <> standing.conname OR below.convalidated <> standing.convalidated OR d.comment IS NOT NULL
     GROUP BY standing.oid
), part AS ( -- of a key: the columns of both sides and how they are compared
    SELECT standing.oid, pg_catalog.string_agg(pg_catalog.format('p.%I OPERATOR(%I.%s) c.%I', pa.attname, o.nspname, o.oprname, ca.attname), ' AND ' ORDER BY u.n) AS matches,
           pg_catalog.format('(%s)', pg_catalog.string_agg(pg_catalog.format('c.%I IS NOT NULL', ca.attname), CASE standing.confmatchtype WHEN 'f' THEN ' OR ' ELSE ' AND ' END ORDER BY u.n)) AS given,
           pg_catalog.string_agg(pg_catalog.format('c.%I', ca.attname), ', ' ORDER BY u.n) AS columns,
           pg_catalog.string_agg(ca.attname::text, ', ' ORDER BY u.n) AS names,
           pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('of', 'from', 'num', ca.attnum, 'name', ca.attname) ORDER BY u.n)
           || pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('of', 'to', 'num', pa.attnum, 'name', pa.attname) ORDER BY u.n) AS members
      FROM standing
     CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(standing.conkey), pg_catalog.unnest(standing.confkey), pg_catalog.unnest(standing.conpfeqop)) WITH ORDINALITY AS u (own, other, op, n)
      JOIN pg_catalog.pg_attribute ca ON ca.attrelid = standing.conrelid AND ca.attnum = u.own
      JOIN pg_catalog.pg_attribute pa ON pa.attrelid = standing.confrelid AND pa.attnum = u.other
      JOIN LATERAL (SELECT x.oprname, y.nspname FROM pg_catalog.pg_operator x JOIN pg_catalog.pg_namespace y ON y.oid = x.oprnamespace WHERE x.oid = u.op) o ON true
     GROUP BY standing.oid
), listed AS ( -- those that there were, in the order of their steps
    SELECT coalesce((SELECT pg_catalog.jsonb_agg(CASE WHEN tab.was ->> 'relid' = tab.oid::text THEN w.j ELSE w.j - ARRAY['from', 'to'] END ORDER BY w.n) -- numbers of before a restore
                       FROM pg_catalog.jsonb_array_elements(tab.was -> 'keys') WITH ORDINALITY AS w (j, n)), tab.was -> 'keys', (
           SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
               'schema', standing.schema, 'relation', standing.relation, 'name', standing.conname, 'columns', part.members, 'from', standing.conrelid, 'to', standing.confrelid, 'target', standing.target, 'definition', standing.definition,
               'comment', CASE WHEN pg_catalog.obj_description(standing.oid, 'pg_constraint') IS NOT NULL
                            THEN pg_catalog.format('COMMENT ON CONSTRAINT %I ON %s IS %L;', standing.conname, standing.rel, pg_catalog.obj_description(standing.oid, 'pg_constraint')) END,
               'orphans', CASE WHEN standing.convalidated AND NOT standing.period
                            THEN pg_catalog.format('SELECT pg_catalog.format(%L, %s) AS orphan FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s) LIMIT 10',
                                                   pg_catalog.format('a row of %s whose %s is (%s), which %s has not got', pg_catalog.replace(standing.rel, '%', '%%'), pg_catalog.replace(part.names, '%', '%%'),
                                                                     pg_catalog.repeat('%s, ', pg_catalog.cardinality(standing.conkey) - 1) || '%s',
                                                                     pg_catalog.replace(standing.target, '%', '%%')),
                                                   part.columns, standing.rel, part.given, standing.target, part.matches)
                            ELSE 'SELECT WHERE false' END)
               -- Of a partitioned table all at once only where it can be NOT VALID, and nothing of its
               -- partitions would come back in another way than it was.
               || CASE WHEN standing.partitioned AND (parts.parts IS NOT NULL OR pg_catalog.current_setting('server_version_num')::pg_catalog.int4 < 180000)
               THEN pg_catalog.jsonb_build_object(
               'proved', standing.convalidated,
               'unproved', CASE WHEN standing.enforced THEN ' NOT VALID' ELSE '' END,
               'parts', coalesce(parts.parts, '[]'))
               ELSE pg_catalog.jsonb_build_object(
               -- As it was, but not yet proved: that would read the table under the lock.
               'create', pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I %s%s;', standing.rel, standing.conname, standing.definition,
                                        CASE WHEN standing.enforced THEN ' NOT VALID' ELSE '' END),
               'validate', CASE WHEN standing.convalidated AND standing.enforced THEN pg_catalog.format('ALTER TABLE %s VALIDATE CONSTRAINT %I', standing.rel, standing.conname) ELSE 'SELECT' END,
               'validated', CASE WHEN standing.convalidated AND standing.enforced
                              THEN pg_catalog.format('SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = pg_catalog.to_regclass(%L) AND k.conname = %L AND k.convalidated) AS done', standing.rel, standing.conname)
                              ELSE 'SELECT true AS done' END) END
               -- What comes back last, the first here, cannot be taken for a part of what came before.
               ORDER BY standing.depth DESC, standing.schema, standing.relation, standing.conname)
             FROM standing JOIN part ON part.oid = standing.oid LEFT JOIN parts ON parts.oid = standing.oid), '[]') AS keys
      FROM tab
), key AS (
    SELECT pg_catalog.row_number() OVER (PARTITION BY k.j ? 'parts' ORDER BY k.item) AS item,
           CASE WHEN k.j ? 'parts' THEN 'tree_key.' ELSE 'key.' END AS list, k.j ->> 'name' AS conname, c.oid AS conrelid, r.rolname::text AS owner, k.j,
           pg_catalog.format('%I.%I', k.j ->> 'schema', k.j ->> 'relation') AS rel
      FROM listed
     CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(listed.keys) WITH ORDINALITY AS k (j, item)
      LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = k.j ->> 'schema'
      LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = k.j ->> 'relation'
      LEFT JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
), leaving AS ( -- its own foreign keys, which contract drops before it
    SELECT tab.oid AS tab, k.oid, k.conrelid, k.confrelid, k.conname, pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel, pg_catalog.format('%I.%I', fn.nspname, f.relname) AS target
      FROM tab
     CROSS JOIN tree
      JOIN pg_catalog.pg_constraint k ON k.contype = 'f' AND k.conrelid = tree.relid AND k.conparentid = 0
      JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
      JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
     WHERE k.confrelid NOT IN (SELECT t.relid FROM tree t)
), left_by AS ( -- those that there were; the table itself without a name, because it gets another one
    SELECT coalesce(tab.was -> 'out', (
           SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('rel', CASE WHEN leaving.conrelid <> leaving.tab THEN leaving.rel END, 'name', leaving.conname, 'target', leaving.target)
                                       ORDER BY leaving.conrelid <> leaving.tab, leaving.rel, leaving.conname) FROM leaving), '[]') AS keys
      FROM tab
), leaving_now AS ( -- they are known by their oids, and one that was made anew by its name and target
    SELECT o.item, o.j, coalesce(leaving.oid, 0) AS oid, pg_catalog.format('%s %s %s', leaving.conrelid, leaving.confrelid, leaving.conname) AS known
      FROM left_by
     CROSS JOIN LATERAL pg_catalog.jsonb_array_elements(left_by.keys) WITH ORDINALITY AS o (j, item)
      LEFT JOIN leaving ON CASE WHEN o.j ->> 'rel' IS NULL THEN leaving.conrelid = leaving.tab ELSE leaving.rel = o.j ->> 'rel' END
                       AND leaving.conname = o.j ->> 'name' AND leaving.target = o.j ->> 'target'
), published AS ( -- by name, by schema, or all: see findings.sql
    SELECT p.oid
      FROM pg_catalog.pg_publication p
     WHERE p.puballtables
        OR EXISTS (SELECT FROM tree JOIN pg_catalog.pg_publication_rel r ON r.prrelid = tree.relid WHERE r.prpubid = p.oid)
        OR EXISTS (SELECT FROM tree
                     JOIN pg_catalog.pg_class c ON c.oid = tree.relid
                     JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = c.relnamespace
                     JOIN pg_catalog.pg_class k ON k.oid = d.classid AND k.relname = 'pg_publication_namespace' AND k.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
                     JOIN pg_catalog.pg_depend o ON o.classid = d.classid AND o.objid = d.objid
                      AND o.refclassid = 'pg_catalog.pg_publication'::pg_catalog.regclass AND o.refobjid = p.oid)
), partner AS (
    SELECT p.conrelid, p.rel, pg_catalog.row_number() OVER (ORDER BY p.rel) AS item FROM (SELECT DISTINCT key.conrelid, key.rel FROM key) p
)
SELECT f.name, 0::pg_catalog.int8 AS item, f.value
  FROM tab
 CROSS JOIN LATERAL (VALUES
       ('rel', pg_catalog.format('%I.%I', tab.schema, tab.old_name)),
       ('later', pg_catalog.format('%I.%I', tab.schema, tab.ours || 'tombstone')),
       ('schema', tab.schema::text),
       ('table', tab.old_name),
       ('relid', tab.oid::text),
       ('owner', (SELECT r.rolname::text FROM pg_catalog.pg_roles r WHERE r.oid = tab.relowner)),
       ('meter', pg_catalog.format('%I.%I', tab.schema, tab.ours || 'meter')),
       ('tombstone', tab.ours || 'tombstone'),
       ('memory', (SELECT pg_catalog.jsonb_build_object('table', tab.old_name, 'relid', tab.oid, 'keys', listed.keys, 'out', left_by.keys)::text FROM listed, left_by)),
       ('table_word', (SELECT word.pattern FROM word)),
       -- Believed only where the run's own record says the same; its keys are compared step by step, since they know oids.
       ('remembered', '"out": ' || (tab.was -> 'out')::text),
       ('known_keys', (SELECT coalesce(pg_catalog.jsonb_object_agg(pg_catalog.format('%s.%s', key.conrelid, key.conname), key.j ->> 'definition'), '{}')::text FROM key)),
       -- What start had seen, or had been told to accept.
       ('known_members', (SELECT pg_catalog.array_agg(tree.relid)::text FROM tree)),
       ('known_out_keys', (SELECT coalesce(pg_catalog.array_agg(o.oid::text) || pg_catalog.array_agg(o.known), '{}')::text FROM leaving_now o)),
       ('known_publications', (SELECT coalesce(pg_catalog.array_agg(published.oid), '{}')::text FROM published)),
       ('known_subscriptions', (SELECT coalesce(pg_catalog.array_agg(DISTINCT r.srsubid), '{}')::text FROM tree JOIN pg_catalog.pg_subscription_rel r ON r.srrelid = tree.relid)),
       ('keys', (SELECT pg_catalog.string_agg(pg_catalog.format('%s of %s', pg_catalog.quote_ident(key.conname), key.rel), ', ' ORDER BY key.list, key.item) FROM key))
     ) AS f (name, value)
 WHERE tab.old_name IS NOT NULL
 UNION ALL
SELECT 'partner.' || f.name, partner.item, f.value
  FROM partner
 CROSS JOIN LATERAL (VALUES ('relid', partner.conrelid::text), ('relation', partner.rel)) AS f (name, value)
 UNION ALL
SELECT key.list || f.name, key.item, f.value
  FROM key
 CROSS JOIN LATERAL (VALUES
       ('oid', '0'), -- they are known by what they say, see key_standing.sql
       ('rel', key.rel),
       ('both', pg_catalog.format('%s, %s', key.rel, key.j ->> 'target')),
       ('target', key.j ->> 'target'),
       ('name', key.conname),
       ('owner', key.owner),
       ('relid', key.conrelid::text),
       ('definition', key.j ->> 'definition'),
       -- Without oids and numbers, see key_noted.sql.
       ('self', pg_catalog.jsonb_build_object('schema', key.j ->> 'schema', 'relation', key.j ->> 'relation', 'name', key.j ->> 'name', 'definition', key.j ->> 'definition',
                                              'columns', (SELECT pg_catalog.jsonb_agg(c.j - 'num' ORDER BY c.n) FROM pg_catalog.jsonb_array_elements(key.j -> 'columns') WITH ORDINALITY AS c (j, n)))::text),
       ('proved', key.j ->> 'proved'),
       ('unproved', key.j ->> 'unproved'),
       ('parts', coalesce(key.j ->> 'parts', '[]')),
       ('create', key.j ->> 'create'),
       ('comment', key.j ->> 'comment'),
       ('orphans', key.j ->> 'orphans'),
       ('validate', key.j ->> 'validate'),
       ('validated', key.j ->> 'validated')
     ) AS f (name, value)
 UNION ALL
SELECT 'out.' || f.name, o.item, f.value
  FROM tab
 CROSS JOIN leaving_now o
 CROSS JOIN LATERAL (SELECT coalesce(o.j ->> 'rel', pg_catalog.format('%I.%I', tab.schema, tab.ours || 'tombstone'))) AS here (rel)
 CROSS JOIN LATERAL (VALUES
       ('oid', o.oid::text),
       ('rel', here.rel),
       ('both', pg_catalog.format('%s, %s', here.rel, o.j ->> 'target')),
       ('target', o.j ->> 'target'),
       ('name', o.j ->> 'name'),
       ('create', ''), ('comment', ''), ('definition', ''), ('self', '{}'), ('proved', ''), ('unproved', ''), ('parts', '[]') -- nothing brings it back
     ) AS f (name, value);
