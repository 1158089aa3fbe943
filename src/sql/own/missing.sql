-- What speaks against dropping the index, unless this step has dropped it.
SELECT pg_catalog.format('there is no index %s, and this step has not dropped one', :'shown'::text) AS text
 WHERE pg_catalog.to_regclass(:'target') IS NULL;
