-- What the database knows of the tables that a plan's own statements name.  $1 a JSON array
-- of {schema, name, index, role, fills, other}, schema null: as search_path finds it; $2
-- that search_path.  index: it is the name of an index that will be made on that table; other:
-- it is no table, but an index or a type.
-- hides: row level security hides rows of it from that role, null: ours.  Who fills a
-- partitioned table writes its partitions, and is bound by their policies.
SELECT w.n, w.j ->> 'name' AS name, c.oid AS relid,
       CASE WHEN c.oid IS NOT NULL THEN pg_catalog.format('%I.%I', s.nspname, c.relname) END AS relation,
       EXISTS (SELECT FROM pg_catalog.pg_class i WHERE i.relnamespace = c.relnamespace AND i.relname = w.j ->> 'index') AS index_taken,
       (SELECT CASE WHEN x.indexrelid IS NULL THEN 'no index' ELSE pg_catalog.pg_get_indexdef(i.oid) || CASE WHEN x.indisvalid THEN '' ELSE ' (not valid)' END END
          FROM pg_catalog.pg_class i LEFT JOIN pg_catalog.pg_index x ON x.indexrelid = i.oid
         WHERE i.relnamespace = c.relnamespace AND i.relname = w.j ->> 'index') AS index_is,
       (SELECT t.relname
          FROM pg_catalog.pg_class i
          JOIN pg_catalog.pg_index x ON x.indexrelid = i.oid
          JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
         WHERE i.relnamespace = c.relnamespace AND i.relname = w.j ->> 'index') AS index_of,
       coalesce(c.relkind IN ('p', 'I'), false) AS partitioned,
       EXISTS (SELECT FROM pg_catalog.pg_roles r
                 JOIN pg_catalog.pg_class m ON m.relrowsecurity
                WHERE r.rolname = coalesce(w.j ->> 'role', session_user::text) AND NOT r.rolsuper AND NOT r.rolbypassrls
                  AND CASE WHEN c.relkind = 'p' AND (w.j ->> 'fills')::pg_catalog.bool
                           THEN m.oid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(c.oid) AS t WHERE t.isleaf)
                           ELSE m.oid = c.oid END
                  AND (m.relforcerowsecurity OR NOT pg_catalog.pg_has_role(r.oid, m.relowner, 'USAGE'))) AS hides
  FROM pg_catalog.jsonb_array_elements($1::pg_catalog.jsonb) WITH ORDINALITY AS w (j, n)
  LEFT JOIN LATERAL (
       SELECT k.oid, k.relname, k.relnamespace, k.relkind
         FROM pg_catalog.pg_class k
         JOIN pg_catalog.pg_namespace kn ON kn.oid = k.relnamespace
         LEFT JOIN LATERAL (
              SELECT p.ord
                FROM pg_catalog.unnest(pg_catalog.string_to_array($2::text, ',')) WITH ORDINALITY AS p (item, ord)
               WHERE kn.nspname = CASE WHEN pg_catalog.btrim(p.item) IN ('"$user"', '$user') THEN session_user::text
                                       WHEN pg_catalog.btrim(p.item) ~ '^".*"$'
                                       THEN pg_catalog.replace(pg_catalog.substr(pg_catalog.btrim(p.item), 2, pg_catalog.length(pg_catalog.btrim(p.item)) - 2), '""', '"')
                                       ELSE pg_catalog.lower(pg_catalog.btrim(p.item)) END
               ORDER BY p.ord LIMIT 1) AS path ON w.j ->> 'schema' IS NULL
        WHERE k.relname = w.j ->> 'name' AND k.relkind = ANY (CASE WHEN (w.j ->> 'other')::pg_catalog.bool THEN '{i,I,c}' ELSE '{r,p,v,m,f,S}' END::pg_catalog."char"[])
          AND CASE WHEN w.j ->> 'schema' IS NULL THEN path.ord IS NOT NULL ELSE kn.nspname = w.j ->> 'schema' END
        ORDER BY path.ord LIMIT 1) AS c ON true
  LEFT JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
 ORDER BY w.n;
