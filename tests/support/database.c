#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/clock.h"
#include "support.h"
#include "support_private.h"

enum { POLL_MS = 20, STATEMENT_MAX = 65536 };

/* What this test made and has to take away again. */
static struct {
    pid_t owner;
    const char **names;
    size_t n;
} made;

static const char *const roles[] = {
    "CREATE ROLE app LOGIN",
    "CREATE ROLE stranger LOGIN",
    "CREATE ROLE reader LOGIN",
    "CREATE ROLE writer LOGIN",
    "CREATE ROLE migrator LOGIN IN ROLE app",
};

/* Which files make a template, and from which version on. */
static const struct {
    const char *template;
    int major;
    const char *path;
} files[] = {
    { "fixture", 13, "tests/fixture/schema.sql" },
    { "fixture", 14, "tests/fixture/schema_14.sql" },
    { "fixture", 15, "tests/fixture/schema_15.sql" },
    { "loaded", 13, "tests/fixture/loaded.sql" },
    { "loaded", 14, "tests/fixture/loaded_14.sql" },
    { "loaded", 15, "tests/fixture/loaded_15.sql" },
};

const char *test_migrator(void)
{
    return test_server_major() >= 15 ? "migrator" : CLUSTER_SUPERUSER;
}

static void no_notice(void *context, const char *message)
{
    (void)context;
    (void)message;
}

int test_server_major(void)
{
    return support_cluster()->major;
}

const char *test_url(const char *database, const char *role)
{
    return cluster_url(test_arena(), support_cluster(), database, role);
}

PGconn *test_connect(const char *database, const char *role)
{
    /* A test need not close what it opened: remembered, it is no leak. */
    static PGconn **opened;
    static size_t n;
    PGconn *conn = PQconnectdb(test_url(database, role));

    *ARENA_PUSH(test_arena(), opened, n) = conn;
    ck_assert_msg(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
    PQsetNoticeProcessor(conn, no_notice, NULL);
    return conn;
}

static PGresult *run(PGconn *conn, const char *fmt, va_list args)
{
    /* Not in the arena: a loop of a hundred thousand statements is a test, too. */
    char *sql = NULL;
    PGresult *res;

    ck_assert_int_ge(vasprintf(&sql, fmt, args), 0);
    res = PQexec(conn, sql);
    free(sql);
    return res;
}

static void must_succeed(const PGresult *res, const char *fmt)
{
    ExecStatusType status = PQresultStatus(res);

    ck_assert_msg(status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK, "%.300s\n%s", fmt,
                  PQresultErrorMessage(res));
}

void test_sql(PGconn *conn, const char *fmt, ...)
{
    va_list args;
    PGresult *res;

    va_start(args, fmt);
    res = run(conn, fmt, args);
    va_end(args);
    must_succeed(res, fmt);
    PQclear(res);
}

static const char *rows_of(const PGresult *res, int max)
{
    struct buf out = BUF_IN(test_arena());

    for (int row = 0; row < PQntuples(res) && row < max; row++)
        for (int column = 0; column < PQnfields(res); column++) {
            if (row + column)
                buf_add(&out, column ? "|" : "\n");
            buf_add(&out, PQgetvalue(res, row, column));
        }
    return arena_strdup(test_arena(), buf_text(&out));
}

const char *test_rows(PGconn *conn, const char *fmt, ...)
{
    va_list args;
    PGresult *res;
    const char *text;

    va_start(args, fmt);
    res = run(conn, fmt, args);
    va_end(args);
    must_succeed(res, fmt);
    text = rows_of(res, PQntuples(res));
    PQclear(res);
    return text;
}

static const char *first_value(PGconn *conn, const char *fmt, va_list args)
{
    PGresult *res = run(conn, fmt, args);
    const char *text = "";

    must_succeed(res, fmt);
    if (PQntuples(res) > 0 && PQnfields(res) > 0)
        text = arena_strdup(test_arena(), PQgetvalue(res, 0, 0));
    PQclear(res);
    return text;
}

const char *test_value(PGconn *conn, const char *fmt, ...)
{
    va_list args;
    const char *text;

    va_start(args, fmt);
    text = first_value(conn, fmt, args);
    va_end(args);
    return text;
}

int64_t test_count(PGconn *conn, const char *fmt, ...)
{
    va_list args;
    const char *text;

    va_start(args, fmt);
    text = first_value(conn, fmt, args);
    va_end(args);
    ck_assert_msg(*text, "no number came from: %s", fmt);
    return strtoll(text, NULL, 10);
}

const char *test_sqlstate(PGconn *conn, const char *fmt, ...)
{
    va_list args;
    PGresult *res;
    const char *state;

    va_start(args, fmt);
    res = run(conn, fmt, args);
    va_end(args);
    state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    state = arena_strdup(test_arena(), state ? state : "");
    PQclear(res);
    return state;
}

void test_wait(PGconn *conn, int seconds, const char *fmt, ...)
{
    int64_t end = clock_ms() + seconds * 1000L;
    char sql[STATEMENT_MAX];
    va_list args;

    va_start(args, fmt);
    vsnprintf(sql, sizeof sql, fmt, args);
    va_end(args);
    while (strcmp(test_value(conn, "%s", sql), "t") != 0) {
        ck_assert_msg(clock_ms() < end, "not true within %d s: %s", seconds, sql);
        clock_sleep(POLL_MS);
    }
}

/* ---- making databases ---- */

static bool exists(PGconn *conn, const char *catalog, const char *column, const char *name)
{
    return test_count(conn, "SELECT count(*) FROM %s WHERE %s = '%s'", catalog, column, name) > 0;
}

static void make_roles(PGconn *conn)
{
    if (exists(conn, "pg_roles", "rolname", "migrator"))
        return;
    for (size_t i = 0; i < ARRAY_LEN(roles); i++)
        test_sql(conn, "%s", roles[i]);
    if (test_server_major() >= 15)
        test_sql(conn, "GRANT SET ON PARAMETER session_replication_role TO migrator");
}

static bool load_files(const char *template, const char *database)
{
    PGconn *conn = test_connect(database, "app");
    bool any = false;

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        if (strcmp(files[i].template, template) != 0)
            continue;
        any = true;
        if (test_server_major() >= files[i].major)
            test_sql(conn, "%s", test_file(files[i].path));
    }
    if (any)
        test_sql(conn, "VACUUM ANALYZE");
    PQfinish(conn);
    return any;
}

/* The sample database belongs to `postgres` in its dump; here an ordinary role owns it. */
static void load_pagila(const char *database)
{
    const char *script = arena_printf(
        test_arena(),
        "sed 's/OWNER TO postgres/OWNER TO app/; /^ALTER SCHEMA/d' %s %s | PGOPTIONS='-c "
        "client_min_messages=warning' psql -Xq -v ON_ERROR_STOP=1 '%s' >/dev/null",
        test_path(PAGILA), test_path("../shared/data/pagila/data.sql"),
        test_url(database, CLUSTER_SUPERUSER));
    struct ran ran = test_command((const char *const[]){ "sh", "-c", script, NULL }, 120);
    PGconn *conn;

    EXITS(ran, 0);
    conn = test_connect(database, CLUSTER_SUPERUSER);
    test_sql(conn, "GRANT CREATE ON SCHEMA public TO app");
    PQfinish(conn);
}

/* The first test that needs the template makes it: under another name until it is whole. */
static void make_template(PGconn *conn, const char *template)
{
    if (exists(conn, "pg_database", "datname", template))
        return;
    test_sql(conn, "DROP DATABASE IF EXISTS unfinished WITH (FORCE)");
    test_sql(conn, "CREATE DATABASE unfinished OWNER app");
    if (strcmp(template, "pagila") == 0)
        load_pagila("unfinished");
    else if (!load_files(template, "unfinished"))
        ck_assert_str_eq(template, "empty");
    test_wait(conn, 10,
              "SELECT count(*) = 0 FROM pg_stat_activity WHERE datname = 'unfinished'"
              " AND backend_type = 'client backend'");
    test_sql(conn, "ALTER DATABASE unfinished RENAME TO %s", template);
}

static void drop_databases(void)
{
    PGconn *conn;

    if (made.owner != getpid())
        return;
    conn = PQconnectdb(test_url("postgres", CLUSTER_SUPERUSER));
    for (size_t i = 0; i < made.n; i++)
        PQclear(PQexec(conn, arena_printf(test_arena(), "DROP DATABASE IF EXISTS %s WITH (FORCE)",
                                          made.names[i])));
    PQfinish(conn);
}

const char *test_database(const char *template)
{
    PGconn *conn = test_connect("postgres", CLUSTER_SUPERUSER);
    const char *name;

    if (made.owner != getpid()) {
        made.owner = getpid();
        made.n = 0;
        made.names = NULL;
        atexit(drop_databases);
    }
    make_roles(conn);
    make_template(conn, template);
    name = arena_printf(test_arena(), "test_%d_%zu", (int)getpid(), made.n + 1);
    test_sql(conn, "CREATE DATABASE %s TEMPLATE %s OWNER app", name, template);
    *ARENA_PUSH(test_arena(), made.names, made.n) = name;
    PQfinish(conn);
    return name;
}

void test_database_drop(const char *database)
{
    PGconn *conn = test_connect("postgres", CLUSTER_SUPERUSER);

    test_sql(conn, "DROP DATABASE %s WITH (FORCE)", database);
    PQfinish(conn);
}
