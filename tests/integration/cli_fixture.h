/*
 * cli_fixture.h - the states that a database can be in when a command is typed,
 * and everything of ours that it holds then.
 */
#ifndef ORCHESTRATE_TESTS_CLI_FIXTURE_H
#define ORCHESTRATE_TESTS_CLI_FIXTURE_H

#include <stdlib.h>

#include "flow_fixture.h"

enum state {
    NOTHING,  /* a table, no state schema */
    INIT,     /* ... and an empty state schema */
    STARTED,  /* plan p is registered */
    EXPANDED, /* ... and its first phase is done */
    PAUSED,
    TWO,      /* p and q are registered */
    UNDONE,   /* p is registered, expanded, undone */
    VERIFIED, /* up to the deploy mark */
    COMPLETE,
    NEWER, /* the state schema is of a newer version */
    STATE_COUNT,
};

#define CHANGE(table, from, to)                                                                    \
    "plan: p\nchange:\n  rename_column: {table: " table ", from: " from ", to: " to "}\n"
#define GOOD CHANGE("shop.person", "email", "address")

static inline const char *database_with_tables(void)
{
    const char *db = flow_database(100);
    PGconn *conn = test_connect(db, "app");

    test_sql(conn, "CREATE TABLE shop.measure (at date, value int) PARTITION BY RANGE (at);"
                   "CREATE VIEW shop.adult AS SELECT id FROM shop.person");
    PQfinish(conn);
    return db;
}

static inline void make_newer(const char *database)
{
    PGconn *conn = test_connect(database, "postgres");

    test_sql(conn, "ALTER TABLE orchestrate.meta DISABLE TRIGGER USER;"
                   "UPDATE orchestrate.meta SET version = version + 100");
    PQfinish(conn);
}

/* Brings a new database there; returns its name. */
static inline const char *database_in(enum state state)
{
    const char *db = database_with_tables(), *url = test_url(db, test_migrator());

    if (state >= INIT)
        flow_ok(ORCHESTRATE(url, "init"));
    if (state >= STARTED && state != NEWER)
        flow_ok(ORCHESTRATE(url, "start", flow_p(NULL)));
    if (state == EXPANDED || state == UNDONE)
        flow_ok(ORCHESTRATE(url, "advance", "p"));
    if (state == PAUSED)
        flow_ok(ORCHESTRATE(url, "pause", "p", "--because", "a test"));
    if (state == TWO)
        flow_ok(ORCHESTRATE(url, "start", flow_q(NULL)));
    if (state == UNDONE)
        flow_ok(ORCHESTRATE(url, "rollback", "p", "--to", "start"));
    if (state == VERIFIED)
        flow_ok(ORCHESTRATE(url, "advance", "p", "--to", "deploy", "--fast"));
    if (state == COMPLETE)
        flow_ok(ORCHESTRATE(url, "advance", "p", "--to", "contract", "--confirm", "p", "--fast"));
    if (state == NEWER)
        make_newer(db);
    return db;
}

/* Every row of ours: a command that was refused must have left none behind. */
static inline const char *state_rows(const char *database)
{
    static const char *const tables[] = { "plan",    "transition", "step_record",   "claim",
                                          "attempt", "checkpoint", "control",       "approval",
                                          "deploy",  "event",      "deploy_target", "amendment" };
    PGconn *conn = test_connect(database, "postgres");
    struct buf out = BUF_IN(test_arena());
    bool there =
        test_count(conn, "SELECT count(*) FROM pg_namespace WHERE nspname = 'orchestrate'");

    for (size_t i = 0; there && i < ARRAY_LEN(tables); i++)
        buf_addf(
            &out, "%s: %s\n", tables[i],
            test_value(conn,
                       "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY "
                       "t::text)), '') FROM orchestrate.%s t",
                       tables[i]));
    PQfinish(conn);
    return there ? buf_text(&out) : "no state schema";
}

/* The database as an URL with these parameters, as an application has it. */
static inline const char *url_with(const char *database, const char *parameters)
{
    PQconninfoOption *options = PQconninfoParse(test_url(database, test_migrator()), NULL);
    const char *host = "", *port = "", *user = "";

    for (PQconninfoOption *o = options; o && o->keyword; o++) {
        const char *value = o->val ? arena_strdup(test_arena(), o->val) : "";

        host = strcmp(o->keyword, "host") == 0 ? value : host;
        port = strcmp(o->keyword, "port") == 0 ? value : port;
        user = strcmp(o->keyword, "user") == 0 ? value : user;
    }
    PQconninfoFree(options);
    return arena_printf(test_arena(), "postgresql://%s@/%s?host=%s&port=%s&%s", user, database,
                        host, port, parameters);
}

#endif
