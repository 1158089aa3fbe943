/*
 * new_plan.h - the text of a plan file, for `orchestrate new`.
 */
#ifndef ORCHESTRATE_CLI_NEW_PLAN_H
#define ORCHESTRATE_CLI_NEW_PLAN_H

#include "orchestrate/plan/plan.h"

/* What is not a field of the operation; NULL: not given. */
struct new_plan {
    const char *name, *app, *owner, *ticket, *description;
};

/*
 * As little as makes a plan of these values (by field, NULL: left out): what the
 * loader says about it, it says about them.
 */
const char *new_plan_least(struct arena *arena, const struct operation *op,
                           const char *const *values);

/* What such a plan is called when nobody says: "rename-customer-email". */
bool new_plan_name(struct arena *arena, const struct change *change, const char **name,
                   struct err *err);

/* The whole file: the change, its phases told in comments, and gates that are sensible for it. */
bool new_plan_text(struct arena *arena, const struct change *change, const struct new_plan *given,
                   const char **text, struct err *err);

#endif
