-- Whether it makes a difference whose rights a view looks at: policies are those of who
-- asks, and a foreign partition is asked as the user who asks.
SELECT FROM pg_catalog.pg_class c
 WHERE c.oid = :relid
   AND (c.relrowsecurity
        OR EXISTS (SELECT FROM pg_catalog.pg_partition_tree(c.oid) p JOIN pg_catalog.pg_class f ON f.oid = p.relid AND f.relkind = 'f'))
