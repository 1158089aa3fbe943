-- Rows of code that omitted the column: what they should hold only people can know.
SELECT pg_catalog.format('a row of %s whose %I is NULL', :'rel', :'column') AS "without value" FROM :rel WHERE :"column" IS NULL LIMIT 10
