-- An expression: is this foreign key gone?  Then the way back has nothing to make.
EXISTS (SELECT FROM (SELECT a.j || (
:key_noted
) FROM (SELECT :'item_self'::pg_catalog.jsonb) AS a (j)) AS k (j) WHERE :key_is_gone)
