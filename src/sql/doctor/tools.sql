-- Other tools that change this schema, by the tables that they leave.  What they do with
-- a column that they do not know: the twin of a rename is one, for days.
WITH tool (name, schema, relation, verdict, does) AS (VALUES
    ('Prisma', NULL, '_prisma_migrations', 'warning', '`migrate deploy` does no harm; `db push` drops columns that are not in its schema, `migrate dev` offers to reset the database'),
    ('Prisma 8', 'prisma_contract', NULL, 'warning', '`db verify --strict` reports columns that are not in its contract; do not let it update the database while a plan is live'),
    ('Drizzle', NULL, '__drizzle_migrations', 'warning', '`migrate` does no harm; `push` drops columns that are not in its schema, in v1 of all schemas: set schemaFilter'),
    ('Supabase', 'supabase_migrations', 'schema_migrations', 'warning', '`db push` does no harm; `db diff` writes a migration that drops what it does not know, `db reset --linked` drops all schemas, ours too'),
    ('Alembic', NULL, 'alembic_version', 'note', '`revision --autogenerate` writes a migration that drops columns that are not in the models: read it before it runs'),
    ('Django', NULL, 'django_migrations', 'note', '`migrate` does no harm; it does not look at columns that it does not know'),
    ('Rails, Ecto, golang-migrate or dbmate', NULL, 'schema_migrations', 'note', 'migrations do no harm; a schema dump made now holds helper columns and triggers'),
    ('Flyway', NULL, 'flyway_schema_history', 'note', '`migrate` does no harm; `check -drift` reports helper columns and triggers, `clean` drops all'),
    ('Liquibase', NULL, 'databasechangelog', 'note', '`update` does no harm; `diff-changelog` writes changes that drop what it does not know: read them before they run')
)
SELECT t.verdict, 'tool' AS code, pg_catalog.format('%s is used here (%s): %s', t.name, pg_catalog.min(f.place), t.does) AS text,
       NULL::text AS hint
  FROM tool t
 CROSS JOIN LATERAL (
       SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
         FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND c.relname = t.relation AND n.nspname <> 'orchestrate'
          AND CASE WHEN t.schema IS NOT NULL THEN n.nspname = t.schema
                   ELSE t.relation <> 'schema_migrations' OR n.nspname NOT IN ('supabase_migrations', 'auth', 'realtime') END
        UNION ALL
       SELECT 'schema ' || n.nspname FROM pg_catalog.pg_namespace n WHERE t.relation IS NULL AND n.nspname = t.schema) AS f (place)
 GROUP BY t.name, t.verdict, t.does
 ORDER BY t.verdict DESC, t.name;
