-- proof: the database itself has shown that both columns hold the same, and nothing
-- has been switched off since.  Asked again under the lock.
WITH RECURSIVE tree AS (
    SELECT :relid::pg_catalog.oid AS relid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
), place AS ( -- triggers and checks stand on each partition
    SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel
      FROM tree
      JOIN pg_catalog.pg_class c ON c.oid = tree.relid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
), problem (text) AS (
    SELECT pg_catalog.format('column number %s of %s is no longer %I or %I', :attnum, :'rel', :'from', :'to')
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                        WHERE a.attrelid = :relid AND a.attnum = :attnum AND NOT a.attisdropped AND a.attname IN (:'from', :'to'))
     UNION ALL
    SELECT pg_catalog.format('the check %I of %s is missing', :'equal', place.rel)
      FROM place
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conrelid = place.oid AND c.conname = :'equal')
     UNION ALL
    SELECT pg_catalog.format('the check %I of %s is not validated', c.conname, place.rel)
      FROM place
      JOIN pg_catalog.pg_constraint c ON c.conrelid = place.oid
     WHERE c.conname = :'equal' AND NOT c.convalidated
     UNION ALL
    SELECT pg_catalog.format('trigger %I of %s is %s', n.name, place.rel, CASE WHEN t.oid IS NULL THEN 'missing' ELSE 'not ENABLE ALWAYS' END)
      FROM place
      CROSS JOIN pg_catalog.unnest(ARRAY[:'trigger_first', :'trigger_last', :'trigger_insert']) AS n (name)
      LEFT JOIN pg_catalog.pg_trigger t ON t.tgrelid = place.oid AND t.tgname = n.name
     WHERE t.tgenabled IS DISTINCT FROM 'A'
)
SELECT pg_catalog.count(*) = 0 AS open,
       CASE WHEN pg_catalog.count(*) = 0 THEN 'both columns are equal in every row, by a validated check'
            ELSE pg_catalog.string_agg(text, '; ') END AS reason,
       pg_catalog.jsonb_build_object('check', :'equal', 'problems', coalesce(pg_catalog.jsonb_agg(text), '[]')) AS evidence,
       NULL::pg_catalog.timestamptz AS until
  FROM problem;
