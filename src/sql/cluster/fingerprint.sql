-- Our fingerprint of a schema: one line per object, "kind name {properties}",
-- sorted.  Two databases with the same lines have the same schema in every
-- respect that pg_dump shows, but for the order of columns: object ids,
-- attribute numbers and statistics of use are left out, names take their place.
--
-- Left out, too: the schema "orchestrate", and what belongs to an extension.
-- One statement, to be run with search_path = pg_catalog, so that all names
-- come qualified.  Postgres 13 to 18: columns that came later are read by way
-- of to_jsonb.  The option pg_attver of a column is the server's own (minor
-- releases since November 2026 keep in it when the column was made).
WITH home AS (
    SELECT oid, nspname, nspowner, nspacl
      FROM pg_namespace
     WHERE nspname NOT IN ('information_schema', 'orchestrate')
       AND NOT starts_with(nspname, 'pg_')
), member AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), relation AS (
    SELECT r.*, format('%I.%I', h.nspname, r.relname) AS name, to_jsonb(r) AS raw
      FROM pg_class AS r
      JOIN home AS h ON h.oid = r.relnamespace
     WHERE NOT EXISTS (SELECT FROM member AS m WHERE m.classid = 'pg_class'::regclass AND m.objid = r.oid)
), attribute AS (
    SELECT a.*, r.name AS relation_name, r.relkind, to_jsonb(a) AS raw
      FROM pg_attribute AS a
      JOIN relation AS r ON r.oid = a.attrelid
     WHERE a.attnum > 0 AND NOT a.attisdropped
), right_list AS (
    -- Who may do what: (class, object, sub) -> sorted list.  NULL: as it came.
    SELECT o.class, o.object, o.sub,
           jsonb_agg(format('%s may %s%s by %s',
                            CASE g.grantee WHEN 0 THEN 'everybody' ELSE g.grantee::regrole::text END,
                            g.privilege_type,
                            CASE WHEN g.is_grantable THEN ' and pass it on' ELSE '' END,
                            g.grantor::regrole)
                     ORDER BY g.grantee::regrole::text, g.privilege_type, g.grantor::regrole::text) AS rights
      FROM (SELECT 'n' AS class, oid AS object, 0 AS sub, nspacl AS acl FROM home
            UNION ALL SELECT 'r', oid, 0, relacl FROM relation
            UNION ALL SELECT 'r', attrelid, attnum, attacl FROM attribute
            UNION ALL SELECT 'f', p.oid, 0, p.proacl FROM pg_proc AS p JOIN home AS h ON h.oid = p.pronamespace
            UNION ALL SELECT 't', t.oid, 0, t.typacl FROM pg_type AS t JOIN home AS h ON h.oid = t.typnamespace
            UNION ALL SELECT 'd', oid, 0, defaclacl FROM pg_default_acl) AS o
     CROSS JOIN LATERAL aclexplode(o.acl) AS g
     GROUP BY o.class, o.object, o.sub
), thing (kind, name, properties) AS (
    SELECT 'schema', quote_ident(h.nspname),
           jsonb_build_object('owner', h.nspowner::regrole,
                              'rights', (SELECT rights FROM right_list WHERE (class, object) = ('n', h.oid)),
                              'comment', obj_description(h.oid, 'pg_namespace'))
      FROM home AS h
    UNION ALL
    SELECT 'extension', quote_ident(e.extname), jsonb_build_object('version', e.extversion)
      FROM pg_extension AS e
    UNION ALL
    SELECT 'relation', r.name,
           jsonb_build_object('kind', r.relkind, 'persistence', r.relpersistence, 'owner', r.relowner::regrole,
                              'row_security', r.relrowsecurity, 'forced', r.relforcerowsecurity,
                              'identity', r.relreplident, 'options', to_jsonb(r.reloptions),
                              'toast_options', (SELECT to_jsonb(t.reloptions) FROM pg_class AS t WHERE t.oid = r.reltoastrelid),
                              'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = r.reltablespace),
                              'access', (SELECT amname FROM pg_am WHERE oid = r.relam),
                              'of_type', CASE WHEN r.reloftype <> 0 THEN format_type(r.reloftype, NULL) END,
                              'populated', r.relispopulated,
                              'partition_of', CASE WHEN r.relispartition THEN pg_get_expr(r.relpartbound, r.oid) END,
                              'partition_key', CASE WHEN r.relkind = 'p' THEN pg_get_partkeydef(r.oid) END,
                              'rights', (SELECT rights FROM right_list WHERE (class, object, sub) = ('r', r.oid, 0)),
                              'comment', obj_description(r.oid, 'pg_class'))
      FROM relation AS r
     WHERE r.relkind NOT IN ('i', 'I', 't')
    UNION ALL
    SELECT 'column', format('%s.%I', a.relation_name, a.attname),
           jsonb_build_object('type', format_type(a.atttypid, a.atttypmod), 'not_null', a.attnotnull,
                              'collation', (SELECT format('%I.%I', n.nspname, c.collname)
                                              FROM pg_collation AS c JOIN pg_namespace AS n ON n.oid = c.collnamespace
                                             WHERE c.oid = a.attcollation),
                              'default', (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef AS d
                                           WHERE (d.adrelid, d.adnum) = (a.attrelid, a.attnum)),
                              'identity', a.attidentity, 'generated', a.attgenerated, 'storage', a.attstorage,
                              'compression', a.raw -> 'attcompression',
                              'statistics', coalesce(nullif(a.raw ->> 'attstattarget', '-1'), 'default'),
                              'options', (SELECT jsonb_agg(o) FROM unnest(a.attoptions) AS o
                                           WHERE NOT starts_with(o, 'pg_attver=')),
                              'foreign_options', to_jsonb(a.attfdwoptions),
                              'inherited', a.attinhcount, 'local', a.attislocal,
                              'rights', (SELECT rights FROM right_list WHERE (class, object, sub) = ('r', a.attrelid, a.attnum)),
                              'comment', col_description(a.attrelid, a.attnum))
      FROM attribute AS a
     WHERE a.relkind NOT IN ('i', 'I', 't', 'S')
    UNION ALL
    SELECT 'constraint', format('%s.%I', r.name, c.conname),
           jsonb_build_object('definition', pg_get_constraintdef(c.oid), 'type', c.contype, 'valid', c.convalidated,
                              'enforced', to_jsonb(c) -> 'conenforced', 'inherited', c.coninhcount,
                              'local', c.conislocal,
                              -- What a foreign key says of it depends on whether it was there before it
                              -- became part of another one, and means nothing.
                              'not_inherited', c.connoinherit AND c.contype <> 'f',
                              'index', CASE WHEN c.conindid <> 0 THEN c.conindid::regclass END,
                              'of_parent', (SELECT format('%s.%I', p.conrelid::regclass, p.conname)
                                              FROM pg_constraint AS p WHERE p.oid = c.conparentid),
                              'comment', obj_description(c.oid, 'pg_constraint'))
      FROM pg_constraint AS c JOIN relation AS r ON r.oid = c.conrelid
    UNION ALL
    SELECT 'index', r.name,
           jsonb_build_object('definition', pg_get_indexdef(r.oid), 'table', i.indrelid::regclass, 'owner', r.relowner::regrole,
                              'valid', i.indisvalid, 'ready', i.indisready, 'live', i.indislive,
                              'primary', i.indisprimary, 'exclusion', i.indisexclusion, 'immediate', i.indimmediate,
                              'clustered', i.indisclustered, 'identity', i.indisreplident,
                              'tablespace', (SELECT spcname FROM pg_tablespace WHERE oid = r.reltablespace),
                              'statistics', (SELECT jsonb_object_agg(a.attnum, a.raw -> 'attstattarget') FROM attribute AS a
                                              WHERE a.attrelid = r.oid AND coalesce(a.raw ->> 'attstattarget', '-1') <> '-1'),
                              'part_of', (SELECT inhparent::regclass FROM pg_inherits WHERE inhrelid = r.oid),
                              'comment', obj_description(r.oid, 'pg_class'))
      FROM relation AS r JOIN pg_index AS i ON i.indexrelid = r.oid
    UNION ALL
    SELECT 'trigger', format('%s.%I', r.name, t.tgname),
           jsonb_build_object('definition', pg_get_triggerdef(t.oid), 'enabled', t.tgenabled,
                              'comment', obj_description(t.oid, 'pg_trigger'))
      FROM pg_trigger AS t JOIN relation AS r ON r.oid = t.tgrelid
     WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'trigger of constraint', format('%s %s', r.name, t.tgfoid::regproc),
           jsonb_build_object('enabled', jsonb_agg(t.tgenabled ORDER BY t.tgenabled))
      FROM pg_trigger AS t JOIN relation AS r ON r.oid = t.tgrelid
     WHERE t.tgisinternal
     GROUP BY r.name, t.tgfoid
    UNION ALL
    SELECT 'policy', format('%s.%I', r.name, p.polname),
           jsonb_build_object('command', p.polcmd, 'permissive', p.polpermissive,
                              'roles', (SELECT jsonb_agg(CASE o WHEN 0 THEN 'everybody' ELSE o::regrole::text END
                                                         ORDER BY o::regrole::text) FROM unnest(p.polroles) AS o),
                              'using', pg_get_expr(p.polqual, p.polrelid),
                              'check', pg_get_expr(p.polwithcheck, p.polrelid),
                              'comment', obj_description(p.oid, 'pg_policy'))
      FROM pg_policy AS p JOIN relation AS r ON r.oid = p.polrelid
    UNION ALL
    SELECT 'rule', format('%s.%I', r.name, w.rulename),
           jsonb_build_object('definition', pg_get_ruledef(w.oid), 'enabled', w.ev_enabled,
                              'comment', obj_description(w.oid, 'pg_rewrite'))
      FROM pg_rewrite AS w JOIN relation AS r ON r.oid = w.ev_class
    UNION ALL
    SELECT 'function', p.oid::regprocedure::text,
           jsonb_build_object('definition', CASE p.prokind WHEN 'a' THEN to_jsonb(p) ->> 'prosrc' ELSE pg_get_functiondef(p.oid) END,
                              'kind', p.prokind, 'owner', p.proowner::regrole,
                              'rights', (SELECT rights FROM right_list WHERE (class, object) = ('f', p.oid)),
                              'comment', obj_description(p.oid, 'pg_proc'))
      FROM pg_proc AS p JOIN home AS h ON h.oid = p.pronamespace
     WHERE NOT EXISTS (SELECT FROM member AS m WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid)
    UNION ALL
    SELECT 'sequence', r.name,
           jsonb_build_object('type', s.seqtypid::regtype, 'start', s.seqstart, 'step', s.seqincrement, 'least', s.seqmin,
                              'most', s.seqmax, 'cache', s.seqcache, 'cycle', s.seqcycle,
                              'owner', (SELECT format('%s.%I %s', d.refobjid::regclass, a.attname, d.deptype)
                                          FROM pg_depend AS d
                                          JOIN pg_attribute AS a ON (a.attrelid, a.attnum) = (d.refobjid, d.refobjsubid)
                                         WHERE (d.classid, d.objid, d.refclassid)
                                               = ('pg_class'::regclass, r.oid, 'pg_class'::regclass)
                                           AND d.deptype IN ('a', 'i')))
      FROM pg_sequence AS s JOIN relation AS r ON r.oid = s.seqrelid
    UNION ALL
    SELECT 'inheritance', format('%s from %s', r.name, i.inhparent::regclass),
           jsonb_build_object('place', i.inhseqno, 'detach_pending', to_jsonb(i) -> 'inhdetachpending')
      FROM pg_inherits AS i JOIN relation AS r ON r.oid = i.inhrelid
    UNION ALL
    SELECT 'statistics', format('%I.%I', h.nspname, s.stxname),
           jsonb_build_object('definition', pg_get_statisticsobjdef(s.oid), 'owner', s.stxowner::regrole,
                              'target', coalesce(nullif(to_jsonb(s) ->> 'stxstattarget', '-1'), 'default'),
                              'comment', obj_description(s.oid, 'pg_statistic_ext'))
      FROM pg_statistic_ext AS s JOIN home AS h ON h.oid = s.stxnamespace
    UNION ALL
    SELECT 'publication', quote_ident(p.pubname),
           to_jsonb(p) - 'oid' - 'pubname' - 'pubowner' || jsonb_build_object('owner', p.pubowner::regrole)
      FROM pg_publication AS p
    UNION ALL
    SELECT 'published', format('%s in %I', r.name, p.pubname),
           jsonb_build_object('columns', (SELECT jsonb_agg(a.attname ORDER BY a.attname) FROM attribute AS a
                                           WHERE a.attrelid = r.oid
                                             AND to_jsonb(m) -> 'prattrs' @> to_jsonb(a.attnum)),
                              'rows', (SELECT to_jsonb(v) ->> 'rowfilter' FROM pg_publication_tables AS v
                                        WHERE (v.pubname, format('%I.%I', v.schemaname, v.tablename)) = (p.pubname, r.name)))
      FROM pg_publication_rel AS m
      JOIN pg_publication AS p ON p.oid = m.prpubid
      JOIN relation AS r ON r.oid = m.prrelid
    UNION ALL
    SELECT 'type', format_type(t.oid, NULL),
           jsonb_build_object('kind', t.typtype, 'owner', t.typowner::regrole, 'not_null', t.typnotnull, 'default', t.typdefault,
                              'base', CASE WHEN t.typbasetype <> 0 THEN format_type(t.typbasetype, t.typtypmod) END,
                              'collation', (SELECT collname FROM pg_collation WHERE oid = t.typcollation),
                              'labels', (SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum AS e WHERE e.enumtypid = t.oid),
                              'checks', (SELECT jsonb_object_agg(c.conname, pg_get_constraintdef(c.oid) || c.convalidated)
                                           FROM pg_constraint AS c WHERE c.contypid = t.oid),
                              'rights', (SELECT rights FROM right_list WHERE (class, object) = ('t', t.oid)),
                              'comment', obj_description(t.oid, 'pg_type'))
      FROM pg_type AS t JOIN home AS h ON h.oid = t.typnamespace
     WHERE t.typtype IN ('d', 'e', 'r', 'm')
       AND NOT EXISTS (SELECT FROM member AS m WHERE m.classid = 'pg_type'::regclass AND m.objid = t.oid)
    UNION ALL
    SELECT 'collation', format('%I.%I', h.nspname, c.collname), to_jsonb(c) - 'oid' - 'collnamespace' - 'collowner' - 'collversion'
      FROM pg_collation AS c JOIN home AS h ON h.oid = c.collnamespace
    UNION ALL
    SELECT 'event trigger', quote_ident(e.evtname),
           jsonb_build_object('event', e.evtevent, 'function', e.evtfoid::regprocedure, 'enabled', e.evtenabled, 'tags', e.evttags)
      FROM pg_event_trigger AS e
    UNION ALL
    SELECT 'rights by default', format('%s in %s for %s', d.defaclrole::regrole,
                                       coalesce((SELECT nspname FROM home WHERE oid = d.defaclnamespace), 'all'), d.defaclobjtype),
           jsonb_build_object('rights', (SELECT rights FROM right_list WHERE (class, object) = ('d', d.oid)))
      FROM pg_default_acl AS d
)
SELECT line
  FROM (SELECT format('%s %s %s', kind, name, properties) AS line FROM thing) AS t
 ORDER BY line COLLATE "C";
