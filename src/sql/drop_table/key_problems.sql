-- What is in the way of foreign keys that are to come back (asked, an array of them): a
-- constraint of another that bears the name, a column that is called otherwise by now, a
-- unique index of the other side that is gone.
SELECT problem.text, problem.hint
  FROM pg_catalog.jsonb_array_elements(asked) AS a (j)
 CROSS JOIN LATERAL (SELECT a.j || (
:key_noted
)) AS k (j)
 CROSS JOIN LATERAL (SELECT pg_catalog.format('%I.%I', k.j ->> 'schema', k.j ->> 'relation'), k.j ->> 'name') AS key (rel, name)
 CROSS JOIN LATERAL (
    SELECT 1 AS n, pg_catalog.format('%s has another constraint %I by now: %s', key.rel, key.name, pg_catalog.pg_get_constraintdef(o.oid)) AS text,
           pg_catalog.format('Give it another name (ALTER TABLE %s RENAME CONSTRAINT %I TO ...), or drop it; then try again.', key.rel, key.name) AS hint
      FROM pg_catalog.pg_constraint o
     WHERE o.conrelid = pg_catalog.to_regclass(key.rel) AND o.conname = key.name
       -- As long as the table is set aside, it has another name there, too.
       AND (o.contype = 'f' AND o.confrelid = pg_catalog.to_regclass(:'later')) IS NOT TRUE
     UNION ALL
    SELECT 2, pg_catalog.format('%s has no column %I by now, which its foreign key %I %s%s', here.rel, c.j ->> 'name', key.name,
                                CASE WHEN here.own THEN 'consisted of' ELSE 'referenced' END, coalesce('; ' || pg_catalog.quote_ident(t.attname) || ' was called so', '')),
           CASE WHEN t.attname IS NOT NULL THEN pg_catalog.format('Give it its name back (ALTER TABLE %s RENAME COLUMN %I TO %I); then try again.', here.rel, t.attname, c.j ->> 'name')
                ELSE pg_catalog.format('Give it its name back (ALTER TABLE %s RENAME COLUMN ... TO %I), or, where it is gone, add one of that name and drop it afterwards; then try again.', here.rel, c.j ->> 'name') END
      FROM pg_catalog.jsonb_array_elements(k.j -> 'columns') AS c (j)
     CROSS JOIN LATERAL (SELECT c.j ->> 'of' = 'from', CASE c.j ->> 'of' WHEN 'from' THEN key.rel ELSE (k.j ->> 'to')::pg_catalog.oid::pg_catalog.regclass::text END) AS here (own, rel)
      LEFT JOIN pg_catalog.pg_attribute t ON t.attrelid = (k.j ->> (c.j ->> 'of'))::pg_catalog.oid AND t.attnum = (c.j ->> 'num')::pg_catalog.int2
     WHERE here.rel IS NOT NULL
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_attribute o WHERE o.attrelid = pg_catalog.to_regclass(here.rel) AND o.attname = c.j ->> 'name' AND NOT o.attisdropped)
     UNION ALL
    SELECT 3, pg_catalog.format('%s has no unique index on (%s) by now, which the foreign key %I of %s needs', other.relid::pg_catalog.regclass, other.names, key.name, key.rel),
           pg_catalog.format('Make it again (ALTER TABLE %s ADD UNIQUE (%s)); then try again.', other.relid::pg_catalog.regclass, other.names)
      FROM (SELECT (k.j ->> 'to')::pg_catalog.oid, pg_catalog.string_agg(pg_catalog.quote_ident(c.j ->> 'name'), ', ' ORDER BY c.n), pg_catalog.array_agg((c.j ->> 'num')::pg_catalog.int2 ORDER BY (c.j ->> 'num')::pg_catalog.int2)
              FROM pg_catalog.jsonb_array_elements(k.j -> 'columns') WITH ORDINALITY AS c (j, n)
             WHERE c.j ->> 'of' = 'to' AND k.j ? 'to' HAVING pg_catalog.count(*) > 0) AS other (relid, names, nums)
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_index i
                        WHERE i.indrelid = other.relid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
                          AND other.nums = ARRAY(SELECT u.num FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[]) WITH ORDINALITY AS u (num, n) WHERE u.n <= i.indnkeyatts ORDER BY u.num))
     ORDER BY n LIMIT 1) AS problem
 WHERE NOT :key_is_gone AND NOT :key_stands
