/*
 * own_names.h - names of indexes, as the statements of a plan give and take them before one
 * of its steps.  What they do out of sight, in a DO block say, is not known.
 */
#ifndef ORCHESTRATE_CLI_OWN_NAMES_H
#define ORCHESTRATE_CLI_OWN_NAMES_H

#include "command.h"

/* A step of a plan's own phases, both from 1; step SIZE_MAX: the end of the phase. */
struct own_step_at {
    size_t phase, step;
};
/* May a statement before that step have made it?  Also where the server finds the name. */
bool own_may_make(const struct plan *plan, struct own_step_at before, const char *index);

/* Is it dropped, or renamed, by a statement before that step? */
bool own_takes(const struct plan *plan, struct own_step_at before, const char *name);

#endif
