-- Whether $1 (a qualified name) is partitioned, so that locking it means locking others, too.
SELECT EXISTS (SELECT FROM pg_catalog.pg_class c
                WHERE c.oid = pg_catalog.to_regclass($1) AND c.relkind = 'p') AS tree;
