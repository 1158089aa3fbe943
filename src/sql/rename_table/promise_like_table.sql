-- What somebody has changed in the table since the view was made, and the view does not
-- show: the next phase makes it anew.
WITH col AS (
    SELECT a.attrelid = :relid AS of_table, a.attname::text AS name,
           CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END AS value
      FROM pg_catalog.pg_attribute a
      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid IN (:relid, pg_catalog.to_regclass(:'view')) AND a.attnum > 0 AND NOT a.attisdropped
), differing AS (
    SELECT coalesce(t.name, v.name) AS name
      FROM (SELECT * FROM col WHERE of_table) AS t
      FULL JOIN (SELECT * FROM col WHERE NOT of_table) AS v ON v.name = t.name
     WHERE t.name IS NULL OR v.name IS NULL OR t.value IS DISTINCT FROM v.value
), problem AS (
    SELECT pg_catalog.format('the view %s was made before these columns of %s, or their defaults, were changed: %s', :'view', :'at',
                             pg_catalog.string_agg(pg_catalog.quote_ident(d.name), ', ' ORDER BY d.name)) AS text
      FROM differing d HAVING pg_catalog.count(*) > 0
     UNION ALL
    SELECT pg_catalog.format('%s has row level security now, and the view %s shows everybody the rows that its owner may see', :'at', :'view')
      FROM pg_catalog.pg_class c
     WHERE c.oid = :relid AND c.relrowsecurity AND pg_catalog.current_setting('server_version_num')::pg_catalog.int4 < 150000
)
SELECT false AS ok, problem.text FROM problem
 UNION ALL
SELECT true, pg_catalog.format('view %s has the columns of %s, with their defaults', :'view', :'at') WHERE NOT EXISTS (SELECT FROM problem);
