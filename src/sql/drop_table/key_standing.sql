-- An expression: is this foreign key there, as it was when the plan was started?
EXISTS (SELECT FROM (SELECT :'item_self'::pg_catalog.jsonb) AS k (j) WHERE :key_stands)
