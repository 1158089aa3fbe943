-- Indexes that two columns of one table are in, of the table or of a partition, while a
-- plan changes both.  $1 the table, $2 and $3 the numbers of the columns.
WITH RECURSIVE tree AS (
    SELECT $1::pg_catalog.oid AS relid
    UNION
    SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.relid
), pair AS (
    SELECT m.attrelid, m.attnum, a.attnum = $2::pg_catalog.int2 AS first
      FROM tree
      JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::pg_catalog.oid AND a.attnum IN ($2::pg_catalog.int2, $3::pg_catalog.int2)
      JOIN pg_catalog.pg_attribute m ON m.attrelid = tree.relid AND m.attname = a.attname AND NOT m.attisdropped
), member AS ( -- an index of a constraint hangs on its columns by way of that
    SELECT i.indexrelid, i.indisunique, pair.first
      FROM pair
      JOIN pg_catalog.pg_index i ON i.indrelid = pair.attrelid
     WHERE pair.attnum = ANY (i.indkey::pg_catalog.int2[])
        OR EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid
                      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = pair.attrelid AND d.refobjsubid = pair.attnum)
), spanning AS (
    SELECT m.indexrelid, m.indisunique
      FROM member m
     GROUP BY m.indexrelid, m.indisunique
    HAVING pg_catalog.bool_or(m.first) AND NOT pg_catalog.bool_and(m.first)
)
SELECT pg_catalog.string_agg(s.indexrelid::pg_catalog.regclass::text, ', ' ORDER BY s.indexrelid::pg_catalog.regclass::text)
           FILTER (WHERE s.indisunique) AS of_unique,
       pg_catalog.string_agg(s.indexrelid::pg_catalog.regclass::text, ', ' ORDER BY s.indexrelid::pg_catalog.regclass::text) AS of_all
  FROM spanning s;
