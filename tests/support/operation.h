/*
 * operation.h - what every operation has to hold, whichever it is.
 *
 *     static const struct op_test drop_note = {
 *         .setup = "CREATE TABLE public.t (id int PRIMARY KEY, note text)",
 *         .change = "drop_column: {table: public.t, column: note}",
 *         .plain = "ALTER TABLE public.t DROP COLUMN note",
 *     };
 *     op_there_and_back(&drop_note);
 */
#ifndef ORCHESTRATE_TESTS_OPERATION_H
#define ORCHESTRATE_TESTS_OPERATION_H

#include <stdbool.h>

struct op_test {
    const char *template; /* of the databases; NULL: "empty" */
    const char *setup;    /* statements of `app`, who owns the database; NULL: none */
    /* The plan's change in YAML: "rename_column: {table: ..., ...}"; or several: "- ...\n  - ..."
     */
    const char *change;
    const char *more;      /* further lines of the plan; NULL: none */
    const char *plain;     /* the statements that the change stands for, by `app` */
    const char *role;      /* who runs the program; NULL: `app` */
    const char *overrides; /* gates that are taken as open, split by blanks; NULL: none */

    /*
     * What people have to do by hand: before this phase can begin, or after it was
     * undone.  For the twin, after the plain statements, with each phase in turn.
     * NULL: nothing.
     */
    void (*by_hand)(const char *database, const char *phase, bool undone);

    /* Queries of one value: what must not be lost.  The second one is for the end, if the first
       cannot be asked then. */
    const char *contents, *contents_after;

    /* Tables beside that of the change which steps may lock, too: "shop.order shop.item". */
    const char *also_locks;
};

/*
 * With the program, forward through every phase; back from each one before the point
 * of no return to the start, where nothing has happened; forward again, each phase
 * undone once and done again; then to the end.  That equals the end of the plain
 * statements.  After each phase `verify` finds its promises kept.  No step held a
 * lock on a table that the report had not said; how long it held it is printed.
 */
void op_there_and_back(const struct op_test *test);

/* Only forward, to an end that equals that of the plain statements; returns the database. */
const char *op_forward(const struct op_test *test);

/*
 * Killed by SIGKILL at random moments all the way forward, back to the start (where
 * nobody has anything to do by hand) and forward again: the same end all the same.
 */
void op_killed(const struct op_test *test);

/*
 * A session that writes to the tables is in the way of each phase, forward and back: it
 * is busy and names that session, has changed nothing where a strong lock comes first,
 * and the same command goes on when that session has gone; to the same end.
 */
void op_blocked(const struct op_test *test);

/*
 * Called by roles that may not, and by one that may only read, before each phase: each is
 * refused by name and changes nothing; to the same end.
 */
void op_trespassed(const struct op_test *test);

/* Several at once call for each phase: one of them does it, none fails; to the same end. */
void op_at_once(const struct op_test *test);

/*
 * `start` refuses it: each of the rules (split by blanks) is named, every reason says
 * what to do about it, and nothing was touched.
 */
void op_refused(const struct op_test *test, const char *rules);

/* The two fingerprints of both databases are equal, and pg_dump where it fits. */
void op_same(const char *what, const char *database, const char *twin);

#endif
