/*
 * sweep.h - rename_column of every column of a schema, one after the other.
 */
#ifndef ORCHESTRATE_TESTS_SWEEP_H
#define ORCHESTRATE_TESTS_SWEEP_H

/* A whole sweep takes about two minutes where nothing else runs; a slow day may take ten times
 * that. */
enum { SWEEP_SECONDS = 1500 };

struct sweep_tally {
    int renamed;  /* with the end of a plain rename */
    int refused;  /* by start, with a hint in every error */
    int held;     /* before retire by a trigger function that is not ours; given back */
    int left_out; /* not in this share */
};

/*
 * Renames every column of a user's table of `db`, from start to contract, does
 * the same in `twin` with a plain ALTER TABLE, and compares both after each
 * table.  Prints the tally under the name `schema`, and returns it.
 */
struct sweep_tally sweep_columns(const char *schema, const char *db, const char *twin);

#endif
