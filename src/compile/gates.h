/*
 * gates.h - the gates of a program beside those of its operations.
 */
#ifndef ORCHESTRATE_COMPILE_GATES_H
#define ORCHESTRATE_COMPILE_GATES_H

#include "orchestrate/plan/plan.h"
#include "orchestrate/state/program.h"

/*
 * Adds to each phase the gates that are always on, before those of the operations, and
 * what the plan says of its gates.  Errors: ERR_PLAN at a gate that has nothing to look at.
 */
bool gates_add(struct arena *arena, const struct plan *plan, struct program *program,
               struct err *err);

#endif
