-- also_drops: what DROP COLUMN takes along without a word and the plan does not name, made
-- since the start: a check, a unique rule, an index of this column and another one.
WITH part AS (
:parts
), silent AS ( -- as in findings.sql
    SELECT s.name, s.kind, CASE WHEN NOT part.top THEN part.relid::pg_catalog.regclass::text END AS rel
      FROM part
      JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = part.relid AND d.refobjsubid = part.attnum AND d.deptype = 'a'
      LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = d.objid AND NOT (c.relispartition AND c.relkind IN ('i', 'I'))
      LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
      LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = d.objid
       AND k.conparentid = 0 AND (part.top OR k.contype <> 'c' OR k.coninhcount = 0)
      LEFT JOIN pg_catalog.pg_statistic_ext x ON d.classid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass AND x.oid = d.objid
      LEFT JOIN pg_catalog.pg_attrdef f ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND f.oid = d.objid AND f.adnum <> part.attnum
      LEFT JOIN pg_catalog.pg_attribute g ON (g.attrelid = f.adrelid AND g.attnum = f.adnum)
           OR (d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND g.attrelid = d.objid AND g.attnum = d.objsubid AND d.objsubid > 0) -- before 15
     CROSS JOIN LATERAL (
           SELECT CASE WHEN k.contype = 'f' THEN pg_catalog.cardinality(k.conkey) > 1 -- one that refers to its own table depends on that other column, too
                       ELSE EXISTS (SELECT FROM pg_catalog.pg_depend o
                           WHERE o.classid = d.classid AND o.objid = d.objid AND o.refclassid = d.refclassid AND o.refobjid = d.refobjid
                             AND o.refobjsubid NOT IN (0, d.refobjsubid)) END AS yes) AS of_others
     CROSS JOIN LATERAL ( -- the report has not named the table that it locks
           SELECT k.conparentid = 0 AND k.confrelid <> :relid AND NOT ARRAY[k.oid::text, pg_catalog.format('%s %s %s', k.conrelid, k.confrelid, k.conname)] && :'known_keys'::text[] AS yes) AS fresh
     CROSS JOIN LATERAL (VALUES
           (k.conname::text, CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' WHEN 'c' THEN 'CHECK' WHEN 'x' THEN 'EXCLUDE' WHEN 'f' THEN CASE WHEN of_others.yes OR fresh.yes THEN 'FOREIGN KEY' END END),
           (CASE WHEN i.indexrelid IS NOT NULL THEN c.relname::text END, CASE WHEN i.indisunique THEN 'unique index' WHEN of_others.yes THEN 'index' END),
           (CASE WHEN c.relkind = 'S' THEN c.relname::text END, 'sequence'),
           (x.stxname::text, 'statistics'),
           (g.attname::text, 'computed column')) AS s (name, kind)
     WHERE s.name IS NOT NULL AND s.kind IS NOT NULL
       AND (part.top OR g.attname IS NULL OR NOT EXISTS (SELECT FROM pg_catalog.pg_attribute up WHERE up.attrelid = :relid AND up.attname = g.attname AND up.attgenerated <> ''))
), unnamed AS (
    SELECT DISTINCT pg_catalog.format('%s %I%s', silent.kind, silent.name, ' of ' || silent.rel) AS what
      FROM silent WHERE NOT pg_catalog.jsonb_exists(:'also_drops'::pg_catalog.jsonb, silent.name)
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN 'nothing goes along that the plan does not name'
            ELSE pg_catalog.format('with column %I of %s would go, made since the start: %s; drop it first, or name it in also_drops of a new plan',
                                   :'column', :'rel', pg_catalog.string_agg(what, ', ' ORDER BY what)) END AS reason,
       pg_catalog.jsonb_build_object('also_drops', coalesce(pg_catalog.jsonb_agg(what ORDER BY what), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM unnamed;
