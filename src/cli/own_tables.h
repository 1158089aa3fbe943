/*
 * own_tables.h - what the tables of a plan with phases of its own are called by now: its
 * statements may have renamed, moved or dropped them since `start`.
 */
#ifndef ORCHESTRATE_CLI_OWN_TABLES_H
#define ORCHESTRATE_CLI_OWN_TABLES_H

#include "command.h"

/*
 * relation: a claim, as it was called when the plan was started.  *now: as the statements
 * that are done have left it, NULL when one of them has dropped it.  What a statement does
 * out of sight, in a DO block say, is not known.
 */
bool own_table_now(struct cli *cli, const struct plan *plan, const struct run *run,
                   const char *relation, const char **now, struct err *err);

#endif
