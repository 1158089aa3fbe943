-- The partitions of a table that had a foreign key, and the key that each has by now.
member AS (
    SELECT t.relid, t.level, t.isleaf, m.rel, m.name, m.free, m.valid,
           pg_catalog.concat(
               pg_catalog.format('ALTER TABLE %s ADD %s%s%s;', m.rel,
                                 CASE WHEN m.free OR t.level = 0 THEN pg_catalog.format('CONSTRAINT %I ', m.name) END, :'item_definition',
                                 CASE WHEN t.isleaf OR NOT m.valid THEN :'item_unproved' END),
               CASE WHEN m.free AND m.comment IS NOT NULL
                    THEN pg_catalog.format(E'\nCOMMENT ON CONSTRAINT %I ON %s IS %L;', m.name, m.rel, m.comment) END) AS add
      FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(:'item_rel')) t
      JOIN pg_catalog.pg_class c ON c.oid = t.relid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.jsonb_array_elements(:'item_parts'::pg_catalog.jsonb) w (j) ON w.j ->> 'schema' = n.nspname AND w.j ->> 'relation' = c.relname
     CROSS JOIN LATERAL (SELECT coalesce(w.j ->> 'name', :'item_name') AS name) AS called
     CROSS JOIN LATERAL (
           SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) AS rel, called.name, w.j ->> 'comment' AS comment,
                  coalesce((w.j ->> 'valid')::boolean, :'item_proved' = 'true') AS valid,
                  NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.conname = called.name) AS free) AS m
), ours AS ( -- not those of another key that is like it, and whole
    SELECT k.oid, k.conrelid, k.conname, k.convalidated
      FROM member
      JOIN pg_catalog.pg_constraint k ON k.conrelid = member.relid AND k.contype = 'f' AND k.conparentid = 0
     WHERE member.level > 0 AND pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID$', '') = :'item_definition'
     UNION
    SELECT k.oid, k.conrelid, k.conname, k.convalidated
      FROM ours
      JOIN pg_catalog.pg_constraint k ON k.conparentid = ours.oid AND k.conrelid <> ours.conrelid
)
