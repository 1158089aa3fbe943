/*
 * prepare_own.h - what the database says about the statements that a plan brings itself.
 */
#ifndef ORCHESTRATE_CLI_PREPARE_OWN_H
#define ORCHESTRATE_CLI_PREPARE_OWN_H

#include "prepare.h"

/* Its tables that are there are claims; what is missing is a finding.  See compile/own.h. */
bool read_own_catalog(struct cli *cli, const struct plan *plan, int64_t run, struct catalog *cat,
                      struct err *err);

/* The one fact that every statement is made with: the number in names of ours. */
struct fact_row *own_run_fact(struct cli *cli, int64_t run);

#endif
