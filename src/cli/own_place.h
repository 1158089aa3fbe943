/*
 * own_place.h - a statement of the plan's own has failed: where it stands in the plan file.
 */
#ifndef ORCHESTRATE_CLI_OWN_PLACE_H
#define ORCHESTRATE_CLI_OWN_PLACE_H

#include "command.h"
#include "orchestrate/exec/exec.h"

/* Adds it to the error: file:line:column, and a hint where the file was not named. */
void own_place(struct cli *cli, const struct run *run, const struct exec_result *result,
               struct err *err);

#endif
