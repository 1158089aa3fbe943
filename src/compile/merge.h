/*
 * merge.h - the phases of several changes, made one program.
 */
#ifndef ORCHESTRATE_COMPILE_MERGE_H
#define ORCHESTRATE_COMPILE_MERGE_H

#include "orchestrate/state/program.h"

/*
 * parts: one for each change, in their order; each has the phases of its change.
 * Phases of one name become one: what the changes do in it comes one behind the
 * other, and is undone the other way round.  Claims become one list.
 */
bool merge_programs(struct arena *arena, const struct program *parts, size_t n,
                    struct program *program, struct err *err);

#endif
