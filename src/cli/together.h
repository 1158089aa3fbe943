/*
 * together.h - several changes of one plan, as the database sees them together.
 */
#ifndef ORCHESTRATE_CLI_TOGETHER_H
#define ORCHESTRATE_CLI_TOGETHER_H

#include "command.h"
#include "orchestrate/pg/catalog.h"
#include "orchestrate/plan/plan.h"

/*
 * Adds to the findings of the later one of two changes what speaks against doing both
 * in one plan; and says in all of them of which change they are.  Nothing for a plan
 * of one change.
 */
bool read_together(struct cli *cli, const struct plan *plan, struct catalog *cats, struct err *err);

/*
 * The table of each change of a registered run: the place of its claim.  -1: it has
 * none, because the program is of another version.
 */
int claim_of_change(const struct program *program, const struct change *change, size_t number);

#endif
