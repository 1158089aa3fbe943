/*
 * flow_fixture.h - a table that is renamed deploy by deploy, and what the tests
 * of deploys, workers, gates and live settings ask about it.
 */
#ifndef ORCHESTRATE_TESTS_FLOW_FIXTURE_H
#define ORCHESTRATE_TESTS_FLOW_FIXTURE_H

#include <string.h>

#include "orchestrate/base/buf.h"
#include "plans.h"
#include "support.h"

/* So small a batch and so long a rest that a backfill of ROWS lasts until somebody helps. */
#define SLOW "settings: {batch_rows: {start: 100, max: 200}, duty: 1%}\n"
enum { FLOW_ROWS = 20000 };

static inline void flow_ok(struct ran ran)
{
    EXITS(ran, 0);
}

/* A database with shop.person (with rows) and shop.pet, no state schema. */
static inline const char *flow_database(int rows)
{
    const char *db = test_database("empty");
    PGconn *conn = test_connect(db, "app");

    test_sql(conn,
             "CREATE SCHEMA shop;"
             "CREATE TABLE shop.person (id int PRIMARY KEY, email text, born date);"
             "CREATE TABLE shop.pet (id int PRIMARY KEY, name text);"
             "INSERT INTO shop.person SELECT i, 'a' || i FROM generate_series(1, %d) i",
             rows);
    PQfinish(conn);
    return db;
}

/* Plan p, shop.person.email becomes address; `more`: further YAML. */
static inline const char *flow_p(const char *more)
{
    return test_rename_plan("p", "shop.person", "email", "address", more);
}

/* Plan q, shop.pet.name becomes label. */
static inline const char *flow_q(const char *more)
{
    return test_rename_plan("q", "shop.pet", "name", "label", more);
}

/* Asserts that one row of a test's diary was answered so. */
static inline void flow_says(struct ran ran, int status, const char *text, const char *file,
                             int line)
{
    test_exit(&ran, status, file, line);
    test_contains(arena_printf(test_arena(), "%s%s", ran.out, ran.err), text, file, line);
}
#define SAYS(ran, status, text) flow_says((ran), (status), (text), __FILE__, __LINE__)

/* A process that works on plan p, once it holds the run. */
static inline struct ran flow_worker(const char *db, const char *const *args)
{
    PGconn *conn = test_connect(db, "postgres");
    struct ran ran = test_spawn(test_url(db, test_migrator()), args, NULL);

    test_wait(conn, 30, "SELECT count(*) > 0 FROM orchestrate.checkpoint");
    PQfinish(conn);
    return ran;
}

#endif
