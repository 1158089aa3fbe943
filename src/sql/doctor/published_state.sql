-- Publications that send the state tables, too.
SELECT CASE WHEN s.there THEN 'note' ELSE 'warning' END AS verdict, 'published-state' AS code,
       pg_catalog.format('publication %I is FOR ALL TABLES: it %s the tables of the state, too, and a subscriber without tables of these names stops',
                         p.pubname, CASE WHEN s.there THEN 'sends' ELSE 'will send' END) AS text,
       'Run `orchestrate init` on each subscriber, before it is done here; rows of tables that its subscription does not know (no REFRESH PUBLICATION) are passed over there.' AS hint
  FROM pg_catalog.pg_publication p
 CROSS JOIN (SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                             WHERE n.nspname = 'orchestrate' AND c.relname = 'plan')) AS s (there)
 WHERE p.puballtables
 ORDER BY p.pubname;
