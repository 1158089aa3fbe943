/*
 * compile.h - plan and catalog in, program out.  Pure: no connection.
 */
#ifndef ORCHESTRATE_COMPILE_COMPILE_H
#define ORCHESTRATE_COMPILE_COMPILE_H

#include "orchestrate/pg/catalog.h"
#include "orchestrate/plan/plan.h"
#include "orchestrate/state/program.h"

/*
 * cats: one per change; one for all phases of a plan that lists its own. With `known` false the
 * statements have <name> where only a database could tell.  Findings are not looked at here.
 * Errors: ERR_BUG when a template names what nobody provides.
 */
bool compile(struct arena *arena, const struct plan *plan, const struct catalog *cats,
             struct program *program, struct err *err);

/* The first phase that does not have the same steps in both programs; NULL: all have. */
const char *compile_difference(const struct program *a, const struct program *b);

/*
 * Does what a comment in the database has told the catalog stand in the record of the run, too?
 * Statements are made of it, and who owns the table, or its schema, can write there what he likes.
 */
bool compile_remembered(struct arena *arena, const struct program *was, const struct catalog *cat);

/* Takes the gates of the plan for those of a program, from phase `first` on; the rest stays. */
bool compile_gates(struct arena *arena, const struct plan *plan, struct program *program,
                   size_t first, struct err *err);

#endif
