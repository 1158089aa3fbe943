-- What is wrong with tables that have become partitions, or are partitions no longer:
-- one more may want a value that new code does not give; one that has been taken out
-- while the column was set aside keeps it under that name, one that has been taken out since
-- expand what expand has made of it.
    SELECT pg_catalog.format('column %I is NOT NULL in partition %s, not in all of %s, so that code cannot omit it there; ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL',
                             own.attname, a.attrelid::pg_catalog.regclass, :'rel', a.attrelid::pg_catalog.regclass, own.attname) AS text
      FROM pg_catalog.pg_partition_tree(:relid) t
      JOIN pg_catalog.pg_attribute own ON own.attrelid = :relid AND own.attnum = :attnum AND NOT own.attnotnull
      JOIN pg_catalog.pg_attribute a ON a.attrelid = t.relid AND a.attname = own.attname AND a.attnotnull
     WHERE :'takes_null' <> ''
     UNION ALL
    SELECT pg_catalog.format('%s, which is no partition of %s, still has the column, as %I; attach it again, or ALTER TABLE %s RENAME COLUMN %I TO %I, or DROP COLUMN %I',
                             a.attrelid::pg_catalog.regclass, :'rel', a.attname, a.attrelid::pg_catalog.regclass, a.attname, :'column', a.attname)
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
     WHERE a.attname = :'tombstone' AND NOT a.attisdropped AND a.attinhcount = 0
       AND a.attrelid <> :relid AND a.attrelid NOT IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(:relid) t)
     UNION ALL
    SELECT pg_catalog.format('%s, which is no partition of %s any more, has kept what expand did to column %I: %s; attach it again, or ALTER TABLE %s ALTER COLUMN %I %s',
                             here.name, :'rel', a.attname, kept.what, here.name, a.attname, kept.mend)
      FROM pg_catalog.unnest(:'known_members'::pg_catalog.oid[]) AS member (relid)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = member.relid AND a.attname IN (:'column', :'tombstone') AND NOT a.attisdropped AND a.attinhcount = 0
      JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     CROSS JOIN LATERAL (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)) AS here (name)
     CROSS JOIN (SELECT :'memory'::pg_catalog.jsonb) AS was (memory)
      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      LEFT JOIN pg_catalog.pg_attrdef own ON own.adrelid = :relid AND own.adnum = :attnum
     CROSS JOIN LATERAL (
           SELECT 'it takes NULL', 'SET NOT NULL' WHERE :'relax' <> '' AND NOT a.attnotnull
            UNION ALL
           SELECT 'its default is the placeholder', coalesce('SET DEFAULT ' || CASE WHEN was.memory -> 'defaults' ? here.name THEN was.memory -> 'defaults' ->> here.name ELSE was.memory ->> 'default' END, 'DROP DEFAULT')
            WHERE :'place' <> '' AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) = pg_catalog.pg_get_expr(own.adbin, own.adrelid)) AS kept (what, mend)
     WHERE member.relid <> :relid AND member.relid NOT IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(:relid) t)
