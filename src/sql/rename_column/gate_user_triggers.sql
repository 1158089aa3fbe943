-- user_triggers, before backfill: triggers that came after dual-write, or that this role
-- cannot keep still, would fire for each row.  Those that the plan accepts may.
WITH RECURSIVE tree AS (
    SELECT :relid::pg_catalog.oid AS relid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
), fires AS (
    SELECT pg_catalog.format('%I (%s)', t.tgname, t.tgfoid::pg_catalog.regprocedure) AS what
      FROM tree
      JOIN pg_catalog.pg_trigger t ON t.tgrelid = tree.relid
     WHERE t.tgparentid = 0 AND NOT t.tgisinternal AND t.tgname !~ :'our_triggers'
       AND t.tgtype::pg_catalog.int4 & 16 = 16 AND t.tgenabled IN ('O', 'A')
       AND (t.tgattr::text = '' OR EXISTS (
            SELECT FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr::pg_catalog.int2[]) AND (a.attname = :'to' OR a.attgenerated = 's')))
       AND t.tgname <> ALL (:'fires_anyway'::pg_catalog.name[])
       AND NOT EXISTS (
           SELECT FROM pg_catalog.pg_depend d
            WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND d.objid = t.oid
              AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
              AND d.refobjid = pg_catalog.to_regprocedure(:'filling' || '()'))
       -- has_parameter_privilege came with 15: named in a text, so that older servers never look for it.
       AND (t.tgenabled = 'A' OR NOT (
            (SELECT r.rolsuper FROM pg_catalog.pg_roles r WHERE r.rolname = session_user)
            OR CASE WHEN pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 150000
                    THEN pg_catalog.query_to_xml('SELECT pg_catalog.has_parameter_privilege(session_user, ''session_replication_role'', ''SET'') AS may',
                                                 false, true, '')::text LIKE '%<may>true</may>%' ELSE false END))
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN 'the backfill fires no trigger of yours'
            ELSE pg_catalog.format('the backfill would fire triggers of %s for each row: %s; drop them until verify, or roll the plan back and start it again: dual-write keeps them still',
                                   :'rel', pg_catalog.string_agg(what, ', ' ORDER BY what)) END AS reason,
       pg_catalog.jsonb_build_object('triggers', coalesce(pg_catalog.jsonb_agg(what ORDER BY what), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM fires;
