/*
 * target.h - which runs a command is about.
 */
#ifndef ORCHESTRATE_CLI_TARGET_H
#define ORCHESTRATE_CLI_TARGET_H

#include "command.h"
#include "orchestrate/store/store.h"

/* With a slash, or ending in .yaml or .yml, or "-": a file; else the name of a run. */
bool target_is_file(const char *arg);

/*
 * Loads a plan; every error of the file becomes a diagnostic.
 * Errors: ERR_PLAN, ERR_NO_INPUT.
 */
bool target_load_plan(struct cli *cli, struct answer *answer, const char *file, struct plan *plan,
                      struct err *err);

/*
 * The run that the argument PLAN names, loaded.  A file is compared with what
 * was registered: free text may differ and is recorded (unless the command only
 * reads); for anything else see plan_change.h.
 * Errors: ERR_NO_INPUT (no such run, or never started).
 */
bool target_named(struct cli *cli, struct run *run, struct err *err);

/* The same, or without an argument the only live run.  ERR_USAGE when several live. */
bool target_one(struct cli *cli, struct run *run, struct err *err);

/* Every live run, or those of --app, in name order. */
bool target_live(struct cli *cli, struct run_name **names, size_t *n, struct err *err);
/* Says that there is none: `before`, then "no plan is live in this database". */
void target_none(struct cli *cli, const char *before);
/* --app chooses among plans; it does not go with PLAN.  For the checks of options. */
bool target_check_app(struct cli *cli, struct err *err);

/* Compares a plan with the run of its name. */
bool target_compare(struct cli *cli, struct answer *answer, const struct plan *plan,
                    struct run *run, struct err *err);

#endif
