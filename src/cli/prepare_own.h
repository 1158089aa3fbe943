/*
 * prepare_own.h - what the database says about the statements that a plan brings itself.
 */
#ifndef ORCHESTRATE_CLI_PREPARE_OWN_H
#define ORCHESTRATE_CLI_PREPARE_OWN_H

#include "prepare.h"

struct own_look {
    const struct plan *plan;
    int64_t run;             /* the number in names of ours */
    const char *search_path; /* by which names without a schema are found */
    size_t first; /* phases before this one are done: what they worked on is not asked for */
};

/* Its tables that are there are claims; what is missing is a finding.  See compile/own.h. */
bool read_own_catalog(struct cli *cli, const struct own_look *look, struct catalog *cat,
                      struct err *err);

/* The one fact that every statement is made with: the number in names of ours. */
struct fact_row *own_run_fact(struct cli *cli, int64_t run);

#endif
