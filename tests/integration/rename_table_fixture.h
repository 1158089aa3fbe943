/*
 * rename_table_fixture.h - a table that shall be called public.u instead of public.t.
 */
#ifndef ORCHESTRATE_TESTS_RENAME_TABLE_FIXTURE_H
#define ORCHESTRATE_TESTS_RENAME_TABLE_FIXTURE_H

#include "support.h"

#define TABLE                                                                                      \
    "CREATE TABLE public.t (id serial PRIMARY KEY, a text UNIQUE, n int DEFAULT 1);"               \
    "INSERT INTO public.t (a) SELECT 'v' || i FROM generate_series(1, 200) AS i;"
#define CHANGE "rename_table: {table: public.t, to: u}"

/* A database of `app` after these statements, with the plan "p" started. */
static inline const char *started(const char *setup, const char **url)
{
    const char *db = test_database("empty");

    *url = test_url(db, "app");
    test_sql(test_connect(db, "postgres"), "GRANT CREATE ON SCHEMA public TO app");
    test_sql(test_connect(db, "app"), "%s", setup);
    EXITS(ORCHESTRATE(
              *url, "start",
              test_write("p.yaml", arena_printf(test_arena(), "plan: p\nchange:\n  %s\n", CHANGE))),
          0);
    return db;
}

#endif
