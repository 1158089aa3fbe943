/*
 * plan_change.h - a plan file that is not what its run was started with.
 */
#ifndef ORCHESTRATE_CLI_PLAN_CHANGE_H
#define ORCHESTRATE_CLI_PLAN_CHANGE_H

#include "command.h"

/*
 * `diff` is what plan_diff() says.  Settings, and of phases that have not begun their gates
 * and, in a plan with phases of its own, their steps, are taken over with
 * --accept-plan-change (then *run is read again); everything else is ERR_CHECK, and the
 * message says which of the two it is.
 */
bool plan_change(struct cli *cli, struct answer *answer, const struct plan *plan, struct run *run,
                 const char *diff, struct err *err);

#endif
