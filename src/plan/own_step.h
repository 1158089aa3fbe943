/*
 * own_step.h - one step of `phases`.
 */
#ifndef ORCHESTRATE_PLAN_OWN_STEP_H
#define ORCHESTRATE_PLAN_OWN_STEP_H

#include "bind.h"

void own_step_read(struct loading *l, const struct node *node, struct own_step *step);

#endif
