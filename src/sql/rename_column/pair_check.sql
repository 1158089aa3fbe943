-- Under the lock: original and twin are what they were.  `original` and `twin` are
-- the names that they bear now, `guard` a constraint of ours on the twin.  With
-- `same_default` the default must be the recorded one, because the triggers compare
-- with it; with `proved` the check must be validated and no trigger switched off, of
-- no partition either.
DECLARE
    problem text;
    twin pg_catalog.int2;
BEGIN
    SELECT a.attnum INTO twin
      FROM pg_catalog.pg_attribute a
     WHERE a.attrelid = :relid AND a.attname = :'twin' AND a.attnum <> :attnum AND NOT a.attisdropped;
    SELECT CASE
           WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                             WHERE c.oid = :relid AND n.nspname = :'schema' AND c.relname = :'table')
           THEN pg_catalog.format('table %s is no longer the one that the plan was started for', :'rel')
           WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a
                             WHERE a.attrelid = :relid AND a.attnum = :attnum AND a.attname = :'original' AND NOT a.attisdropped
                               AND pg_catalog.format_type(a.atttypid, a.atttypmod) = :'type')
           THEN pg_catalog.format('column %I of %s is not the one that the plan was started for (number %s, type %s)',
                                  :'original', :'rel', :attnum, :'type')
           WHEN twin IS NULL
           THEN pg_catalog.format('table %s has lost the twin column %I', :'rel', :'twin')
           WHEN :'guard' <> '' AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c
                             WHERE c.conrelid = :relid AND c.conname = :'guard' AND twin = ANY (c.conkey))
           THEN pg_catalog.format('table %s has lost the check %I on column %I', :'rel', :'guard', :'twin')
           WHEN :'same_default' <> '' AND :'default_md5' IS DISTINCT FROM (
                SELECT pg_catalog.md5(coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), pg_catalog.pg_get_expr(t.typdefaultbin, 0), ''))
                  FROM pg_catalog.pg_attribute a
                  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
                  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                 WHERE a.attrelid = :relid AND a.attnum = :attnum)
           THEN pg_catalog.format('the default of column %I of %s was changed after the plan was started', :'original', :'rel')
           END
      INTO problem;
    IF problem IS NULL AND :'proved' <> '' THEN
        WITH RECURSIVE tree AS (
            SELECT :relid::pg_catalog.oid AS relid
            UNION
            SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
        )
        SELECT CASE
               WHEN NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                                 WHERE k.conrelid = c.oid AND k.conname = :'guard' AND k.convalidated)
               THEN pg_catalog.format('the check %I of %I.%I is not validated: nothing proves that the two columns are equal',
                                      :'guard', n.nspname, c.relname)
               WHEN (SELECT pg_catalog.count(*) FROM pg_catalog.pg_trigger t
                      WHERE t.tgrelid = c.oid AND t.tgenabled = 'A'
                        AND t.tgname IN (:'trigger_first', :'trigger_last', :'trigger_insert')) < 3
               THEN pg_catalog.format('a trigger of ours on %I.%I is missing or not ENABLE ALWAYS', n.nspname, c.relname)
               END AS text
          INTO problem
          FROM tree
          JOIN pg_catalog.pg_class c ON c.oid = tree.relid
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         ORDER BY 1 NULLS LAST
         LIMIT 1;
    END IF;
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'OR010', MESSAGE = problem,
            HINT = 'Put it back as it was, or go back with `orchestrate rollback`.';
    END IF;
END
