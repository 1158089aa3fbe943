/*
 * guards_fixture.h - who tries to get past the guards of the state schema: a run
 * taken by the program, and plain connections of three roles beside it.
 */
#ifndef ORCHESTRATE_TESTS_GUARDS_FIXTURE_H
#define ORCHESTRATE_TESTS_GUARDS_FIXTURE_H

#include "store_fixture.h"

static const char *db;
static struct pg *pg;
static PGconn *app, *writer, *super;

static inline void setup(void)
{
    int before;

    db = test_database("empty");
    pg = open_as(db, "app");
    WORKS(store_init(pg, NULL, &before, &err));
    app = test_connect(db, "app");
    writer = test_connect(db, "writer");
    super = test_connect(db, "postgres");
    test_sql(app, "SELECT orchestrate.admit('writer', true);"
                  "CREATE SCHEMA shop; CREATE TABLE shop.t (id int); CREATE TABLE shop.u (id int)");
    test_sql(super, "SET session_replication_role = replica");
}

static inline uint32_t oid_of(const char *table)
{
    return (uint32_t)test_count(app, "SELECT '%s'::regclass::oid", table);
}

static inline void refused(PGconn *conn, const char *code, const char *sql)
{
    const char *state = test_sqlstate(conn, "%s", sql);

    ck_assert_msg(strcmp(state, code) == 0, "%s: '%s', not %s", sql, state, code);
}

#endif
