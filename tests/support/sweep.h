/*
 * sweep.h - an operation on every table or column of a schema, one after the other.
 *
 * Each is done, with an end equal to that of the plain statement in a twin; or
 * refused, every reason with what to do about it; or held by a gate that is the
 * business of whoever owns the schema, and given back.
 */
#ifndef ORCHESTRATE_TESTS_SWEEP_H
#define ORCHESTRATE_TESTS_SWEEP_H

#include <stdbool.h>

/* A whole sweep takes about two minutes where nothing else runs; a slow day may take ten times
 * that. */
enum { SWEEP_SECONDS = 1500 };

/* Every column, or every table, of a user: the table as SQL names it, and the bare name. */
#define SWEEP_WHERE                                                                                \
    " c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN "                       \
    "('information_schema', 'orchestrate')"
#define SWEEP_COLUMNS                                                                              \
    "SELECT format('%I.%I', n.nspname, c.relname), a.attname FROM pg_class c"                      \
    " JOIN pg_namespace n ON n.oid = c.relnamespace"                                               \
    " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"           \
    " WHERE" SWEEP_WHERE " ORDER BY 1, a.attnum"
#define SWEEP_TABLES                                                                               \
    "SELECT format('%I.%I', n.nspname, c.relname), c.relname FROM pg_class c"                      \
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE" SWEEP_WHERE " ORDER BY 1"

struct sweep_item {
    const char *table; /* as SQL names it, and a plan */
    const char *name;  /* of the column, or of the table; unquoted */
    int number;
};

struct sweep {
    const char *title;    /* "pagila, rename_column" */
    const char *template; /* of the databases */
    const char *items;    /* SWEEP_COLUMNS, SWEEP_TABLES or a query like them */
    const char *(*change)(const struct sweep_item *item); /* the plan's change, in YAML */
    const char *(*plain)(const struct sweep_item *item);  /* the statements it stands for */
    const char *more;      /* further lines of each plan; NULL: none */
    const char *overrides; /* gates that are taken as open, split by blanks; NULL: none */
    const char *held_by;   /* the gate that may hold one for good; NULL: none */
    bool apart; /* each item in a copy of its own, because it takes away what others need */
};

struct sweep_tally {
    int done, refused, held;
    int left_out; /* not in this share (test_share) */
};

/* Prints the tally, and returns it. */
struct sweep_tally sweep(const struct sweep *sweep);

#endif
