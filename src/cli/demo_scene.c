/*
 * What the demo plays with, and what its end is compared with.
 */
#include "demo.h"
#include "orchestrate/cluster/schema.h"

#define DB "shop"
#define TWIN "plain"
#define USER "shop_owner"

const char demo_database[] = DB, demo_twin[] = TWIN, demo_owner[] = USER;

enum { ROWS = 100000, PAUSE_US = 1500, LIMIT_MS = 5000 };

const char demo_plan[] = "plan: " DEMO_PLAN "\n"
                         "description: customer.email becomes customer.email_address\n"
                         "change:\n"
                         "  rename_column:\n"
                         "    table: shop.customer\n"
                         "    from: email\n"
                         "    to: email_address\n"
                         "gates:\n"
                         "  retire:\n"
                         "    - old_name_idle: 2s    # left out it is 10m; a demo is in a "
                         "hurry\n";

const struct traffic_table demo_table = {
    .schema = "shop",
    .name = "customer",
    .from = "email",
    .to = "email_address",
    .type = "text",
    .value = VALUE_EMAIL,
    .not_null = true,
    .unique = true,
    .more = "ALTER TABLE {t} ADD CHECK (position('@' in email) > 1);\n"
            "CREATE INDEX ON {t} (lower(email));\n"
            "CREATE VIEW shop.mailing AS SELECT id, email FROM {t};\n"
            "COMMENT ON COLUMN {t}.email IS 'where invoices go'",
    .rows = ROWS,
};

static bool run_as(struct demo *d, const char *role, const char *database, const char *sql,
                   struct err *err)
{
    CLEANUP(pg) struct pg pg = { 0 };

    return pg_connect(d->arena, cluster_url(d->arena, &d->cluster, database, role), "demo", false,
                      &pg, err) &&
           pg_run(&pg, sql, PG_NO_ARGS, err);
}

static bool make_databases(struct demo *d, struct err *err)
{
    static const char *const statements[] = {
        "CREATE ROLE " USER " LOGIN",
        "CREATE DATABASE " DB " OWNER " USER,
        "CREATE DATABASE " TWIN " OWNER " USER,
    };

    for (size_t i = 0; i < ARRAY_LEN(statements); i++)
        if (!run_as(d, CLUSTER_SUPERUSER, "postgres", statements[i], err))
            return false;
    return true;
}

static bool write_plan(struct demo *d, struct err *err)
{
    FILE *file;

    d->file = arena_printf(d->arena, "%s/%s.yaml", d->cluster.dir, d->plan);
    file = fopen(d->file, "we");
    if (!file || fputs(d->plan_text, file) < 0) {
        if (file)
            fclose(file);
        return err_set(err, ERR_CONFIG, "cannot write %s", d->file);
    }
    return fclose(file) == 0 || err_set(err, ERR_CONFIG, "cannot write %s", d->file);
}

bool demo_server(struct demo *d, struct err *err)
{
    demo_title(&d->show, "The scene");
    demo_say(&d->show, "  starting a Postgres that is only ours ...\n");
    if (!cluster_start(d->arena, NULL, &d->cluster, err))
        return false;
    demo_say(&d->show, "  server   Postgres %d in %s; it goes when the demo ends\n",
             d->cluster.major, d->cluster.dir);
    d->url = cluster_url(d->arena, &d->cluster, DB, USER);
    return make_databases(d, err) && write_plan(d, err) &&
           pg_connect(d->arena, d->url, "demo", false, &d->pg, err);
}

bool demo_scene(struct demo *d, struct err *err)
{
    struct traffic_options options = {
        .clients = { [CLIENT_OLD] = 3, [CLIENT_NEW] = 3, [CLIENT_BOTH] = 3 },
        .seed = 1,
        .pause_us = PAUSE_US,
        .limit_ms = LIMIT_MS
    };

    if (!demo_server(d, err) || !traffic_create(&d->pg, &demo_table, err) ||
        !traffic_start(d->arena, d->url, &demo_table, &options, &d->traffic, err))
        return false;
    demo_say(&d->show,
             "  table    shop.customer, %s rows; the column email becomes email_address\n",
             demo_count(d->arena, ROWS));
    demo_say(&d->show,
             "  clients  3 of old code that knows email, 3 of new code that knows email_address,\n"
             "           3 of code that writes both; each speaks another protocol of libpq, and\n"
             "           writes what it meant into a ledger, in the same transaction\n");
    return true;
}

static bool plain_rename(struct demo *d, struct err *err)
{
    struct traffic_table table = demo_table;
    CLEANUP(pg) struct pg pg = { 0 };

    table.rows = 0;
    return pg_connect(d->arena, cluster_url(d->arena, &d->cluster, TWIN, USER), "demo", false, &pg,
                      err) &&
           traffic_create(&pg, &table, err) &&
           pg_run(&pg, "ALTER TABLE shop.customer RENAME COLUMN email TO email_address", PG_NO_ARGS,
                  err);
}

static bool fingerprint(struct demo *d, const char *database, const char **text, struct err *err)
{
    CLEANUP(pg) struct pg pg = { 0 };

    /* As superuser: some facts are hidden from others. */
    return pg_connect(d->arena, cluster_url(d->arena, &d->cluster, database, CLUSTER_SUPERUSER),
                      "demo", false, &pg, err) &&
           schema_fingerprint(d->arena, &pg, text, err);
}

/* *equal: both ways of looking see no difference. */
bool demo_compare(struct demo *d, bool *equal, struct err *err)
{
    const char *ours, *theirs, *our_dump, *their_dump, *first;

    if (!fingerprint(d, DB, &ours, err) || !fingerprint(d, TWIN, &theirs, err) ||
        !schema_dump(d->arena, &d->cluster, DB, &our_dump, err) ||
        !schema_dump(d->arena, &d->cluster, TWIN, &their_dump, err))
        return false;
    first = schema_difference(d->arena, ours, theirs);
    if (!*first && our_dump)
        first = schema_difference(d->arena, our_dump, their_dump);
    *equal = !*first;
    demo_say(&d->show,
             "  schema   %s that of a database where the plain statement was run"
             "\n           (compared by the catalog%s)\n",
             *equal ? "equals" : "DIFFERS from",
             our_dump ? " and by pg_dump" : "; there is no pg_dump beside the server");
    if (!*equal)
        demo_say(&d->show, "           first difference: %s\n", first);
    return true;
}

bool demo_schema(struct demo *d, bool *equal, struct err *err)
{
    return plain_rename(d, err) && demo_compare(d, equal, err);
}
