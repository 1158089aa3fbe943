/*
 * two_tables.h - a plan of three changes on two tables, for tests.
 */
#ifndef ORCHESTRATE_TESTS_TWO_TABLES_H
#define ORCHESTRATE_TESTS_TWO_TABLES_H

#define THING_WITH(first)                                                                          \
    "CREATE TABLE public.thing (" first "id int PRIMARY KEY, a text NOT NULL DEFAULT 'd', n int);" \
    "CREATE INDEX thing_a ON public.thing (a);"                                                    \
    "INSERT INTO public.thing (id, a, n) SELECT i, 'v' || i % 7, i FROM generate_series(1, 500)"   \
    " AS i;"
#define OTHER_WITH(schema, first)                                                                  \
    "CREATE TABLE " schema ".other (" first "id int PRIMARY KEY, a text NOT NULL, c text DEFAULT"  \
    " 'c'); CREATE INDEX other_a ON " schema ".other (a);"                                         \
    "INSERT INTO " schema ".other (id, a) SELECT i, 'w' || i % 7 FROM generate_series(1, 500)"     \
    " AS i;"
#define THING THING_WITH("")
#define OTHER(schema) OTHER_WITH(schema, "")

/* The last two are of one table. */
#define CHANGES(schema)                                                                            \
    "- rename_column: {table: public.thing, from: a, to: x}\n"                                     \
    "  - rename_column: {table: " schema ".other, from: a, to: x}\n"                               \
    "  - drop_column: {table: " schema ".other, column: c}\n"
#define PLAIN(schema)                                                                              \
    "ALTER TABLE public.thing RENAME COLUMN a TO x; ALTER TABLE " schema                           \
    ".other RENAME COLUMN a TO x; ALTER TABLE " schema ".other DROP COLUMN c"

/* Everything but reading waits for whoever holds this. */
#define HOLD "BEGIN; LOCK TABLE public.%s IN SHARE MODE"

enum { EXPAND, DUAL_WRITE, BACKFILL, VERIFY, SWITCH, RETIRE, CONTRACT };
static const char *const phases[] = { "expand", "dual-write", "backfill", "verify",
                                      "switch", "retire",     "contract" };

#endif
