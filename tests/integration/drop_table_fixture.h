/*
 * drop_table_fixture.h - a table that goes and one that refers to it, and a plan that has
 * been started.
 */
#ifndef ORCHESTRATE_TESTS_DROP_TABLE_FIXTURE_H
#define ORCHESTRATE_TESTS_DROP_TABLE_FIXTURE_H

#include "plans.h"
#include "support.h"

#define CHANGE "drop_table: {table: public.thing}"

#define THING                                                                                      \
    "CREATE TABLE public.thing (id int PRIMARY KEY, \"Other\" int UNIQUE);"                        \
    "INSERT INTO public.thing SELECT i, i FROM generate_series(1, 100) AS i;"
#define ODD_CHILD                                                                                  \
    "CREATE TABLE public.child (id int PRIMARY KEY,"                                               \
    " a int CONSTRAINT \"Odd \"\"key\" REFERENCES public.thing ON DELETE SET NULL"                 \
    " DEFERRABLE INITIALLY DEFERRED, b int REFERENCES public.thing (\"Other\") ON UPDATE "         \
    "CASCADE);"                                                                                    \
    "COMMENT ON CONSTRAINT \"Odd \"\"key\" ON public.child IS 'kept';"                             \
    "INSERT INTO public.child VALUES (1, 1, 2), (2, NULL, 3); SET CONSTRAINTS ALL IMMEDIATE;"      \
    "ALTER TABLE public.child ADD CONSTRAINT late FOREIGN KEY (id) REFERENCES public.thing NOT "   \
    "VALID;"

/* The database; *url: of `app`, who owns the tables. */
static inline const char *started(const char *setup, const char *more, const char **url)
{
    const char *db = test_scene(setup, url);

    EXITS(ORCHESTRATE(*url, "start",
                      test_write("p.yaml", arena_printf(test_arena(), "plan: p\nchange:\n  %s\n%s",
                                                        CHANGE, more))),
          0);
    return db;
}

/* However much the table is used. */
static inline struct ran advance_to(const char *url, const char *phase)
{
    return ORCHESTRATE(url, "advance", "p", "--to", phase, "--override", "old_name_idle",
                       "--because", "a test", "--confirm", "p");
}

#endif
