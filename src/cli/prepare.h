/*
 * prepare.h - from a plan to a program, with what the database says about it.
 */
#ifndef ORCHESTRATE_CLI_PREPARE_H
#define ORCHESTRATE_CLI_PREPARE_H

#include "command.h"
#include "orchestrate/compile/compile.h"

struct prepared {
    const struct plan *plan;
    int64_t run; /* the number that names are made from; 0: offline */
    struct catalog *cats;
    struct program program;
};

/*
 * Reads the catalog for every change (not at all with run 0) and compiles.
 * What speaks against the plan is in the catalogs' findings; see below.
 */
bool prepare(struct cli *cli, const struct plan *plan, int64_t run, struct prepared *prepared,
             struct err *err);

/*
 * Turns findings into diagnostics: refusals as errors, the others as warnings.
 * ERR_CHECK when one refuses and is not accepted by the plan.
 */
bool prepare_verdict(struct cli *cli, struct answer *answer, const struct prepared *prepared,
                     struct err *err);

#endif
