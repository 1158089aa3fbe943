-- The relation that a plan names: $1 schema or NULL, $2 name, $3 the search_path
-- of the role (only used without a schema; "$user" is the session's role).
SELECT c.oid AS relid, n.nspname AS schema, c.relname AS name,
       -- Of the owner the operations say it themselves.
       CASE WHEN NOT pg_catalog.has_schema_privilege(session_user, n.oid, 'USAGE') AND pg_catalog.pg_get_userbyid(c.relowner) <> session_user
            THEN pg_catalog.format('role %I has no USAGE on schema %I, and so cannot name %I.%I', session_user, n.nspname, n.nspname, c.relname) END AS unusable,
       pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I.', n.nspname, session_user) AS hint
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL (
       SELECT p.ord
         FROM pg_catalog.unnest(pg_catalog.string_to_array($3::text, ',')) WITH ORDINALITY AS p (item, ord)
        WHERE n.nspname = CASE WHEN pg_catalog.btrim(p.item) IN ('"$user"', '$user') THEN session_user::text
                               WHEN pg_catalog.btrim(p.item) ~ '^".*"$'
                               THEN pg_catalog.replace(pg_catalog.substr(pg_catalog.btrim(p.item), 2, pg_catalog.length(pg_catalog.btrim(p.item)) - 2), '""', '"')
                               ELSE pg_catalog.lower(pg_catalog.btrim(p.item)) END
        ORDER BY p.ord LIMIT 1) AS path ON $1::text IS NULL
 WHERE c.relname = $2
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
   AND CASE WHEN $1::text IS NULL THEN path.ord IS NOT NULL ELSE n.nspname = $1 END
 ORDER BY path.ord
 LIMIT 1;
