-- Is there no index of this name any more that serves only the column?  Another table's
-- may have come to bear it; and one that serves more by now is no longer ours to drop.
-- begun: it is there, and not used any more, since an attempt was cut short.
SELECT pg_catalog.count(*) = 0 AS done, pg_catalog.bool_or(NOT i.indisvalid) AS begun
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE i.indrelid = :relid AND pg_catalog.format('%I.%I', n.nspname, c.relname) = :'item_name'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid)
   AND EXISTS (SELECT FROM pg_catalog.pg_depend d
                WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid
                  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = :relid AND d.refobjsubid = :attnum)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid
                      AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = :relid AND d.refobjsubid NOT IN (0, :attnum));
