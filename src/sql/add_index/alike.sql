-- An expression: does the index `i` look as this plan builds it, but for what its condition
-- says?  What others have set in WITH (...) since makes it no other one.
(SELECT pg_catalog.starts_with(d.definition, d.wanted)
        AND pg_catalog.substr(d.definition, pg_catalog.length(d.wanted) + 1) ~ '^( WITH \([^)]*\))?( WHERE .*)?$'
        AND (i.indpred IS NULL) = (:'where' = '')
   FROM (SELECT pg_catalog.pg_get_indexdef(i.indexrelid),
                pg_catalog.format('CREATE INDEX %I ON %s USING %I (%s)', :'name', i.indrelid::pg_catalog.regclass, :'method',
                                  (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY k.place)
                                     FROM pg_catalog.unnest(:'attnums'::pg_catalog.int2[]) WITH ORDINALITY AS k (attnum, place)
                                     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum))) AS d (definition, wanted))
