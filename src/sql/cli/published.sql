-- Publications that would send the state tables as soon as there are any: to a subscriber
-- without tables of these names, which then stops.
SELECT pg_catalog.format('publication %s is FOR ALL TABLES: it will send the tables of the state, too, and a subscriber without tables of these names stops',
                         pg_catalog.string_agg(pg_catalog.quote_ident(p.pubname), ', ' ORDER BY p.pubname)) AS message,
       'First run `orchestrate init` on each subscriber; rows of tables that its subscription does not know (no REFRESH PUBLICATION) are passed over there.' AS hint
  FROM pg_catalog.pg_publication p
 WHERE p.puballtables AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                                       WHERE n.nspname = 'orchestrate' AND c.relname = 'plan')
HAVING pg_catalog.count(*) > 0;
