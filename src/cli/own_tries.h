/*
 * own_tries.h - columns that a plan's own backfill names: the server is asked about them,
 * where nothing before it in the plan may make or take them.  And what a `verify` returns.
 */
#ifndef ORCHESTRATE_CLI_OWN_TRIES_H
#define ORCHESTRATE_CLI_OWN_TRIES_H

#include "own_names.h"
#include "prepare_own.h"

/* A backfill of a table that is there. */
struct own_try {
    struct own_step_at at;
    const char *relation; /* quoted and qualified */
};

/* Adds a finding for each expression with a column that there is not. */
bool own_try(struct cli *cli, const struct own_look *look, const struct own_try *which,
             struct catalog *cat, struct err *err);

/* Adds a finding when the `verify` of the step does not return one boolean, as far as that can be
 * told. */
bool own_try_verify(struct cli *cli, const struct own_look *look, struct own_step_at at,
                    struct catalog *cat, struct err *err);

#endif
