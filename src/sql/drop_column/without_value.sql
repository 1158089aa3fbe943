-- Rows of code that omitted the column: what they should hold only people can know.
SELECT pg_catalog.format('a row of %s whose %I is NULL: UPDATE %s SET %I = ... WHERE %I IS NULL', :'rel', :'column', :'rel', :'column', :'column') AS "without value" FROM :rel WHERE :"column" IS NULL LIMIT 10
