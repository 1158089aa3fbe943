/*
 * own.h - the phases that a plan lists itself, made into a program.
 */
#ifndef ORCHESTRATE_COMPILE_OWN_H
#define ORCHESTRATE_COMPILE_OWN_H

#include "orchestrate/compile/compile.h"

/*
 * Without the gates.  Facts of `cat`: "run", its number; "claim" for each table that is
 * changed, with its oid for the item and its name for the value.
 */
bool own_program(struct arena *arena, const struct plan *plan, const struct catalog *cat,
                 struct program *program, struct err *err);

/* own_index.c: one statement of PARSE_INDEX as a step; `place` makes its names unique. */
bool own_index_step(struct arena *arena, const struct catalog *cat, const struct parse_statement *s,
                    const char *place, struct step *step, struct err *err);
/* What takes away what attempts at building or dropping it have left; NULL: there is no such thing.
 */
bool own_index_leftovers(struct arena *arena, const struct catalog *cat,
                         const struct parse_statement *s, const char *place, const char **query,
                         struct err *err);

/* "s"."t" */
const char *own_relation(struct arena *arena, const char *schema, const char *name);

#endif
