/*
 * gate_value.h - the value of a gate as it is kept: see gates/gate.h.
 */
#ifndef ORCHESTRATE_PLAN_GATE_VALUE_H
#define ORCHESTRATE_PLAN_GATE_VALUE_H

#include "bind.h"

/* NULL after a complaint. */
const char *gate_value_read(struct loading *l, const struct gate_kind *kind,
                            const struct node *node);

/* A list of names of plans, none of which is the plan itself, as a JSON array. */
const char *read_plans(struct loading *l, const char *name, const struct node *node);

#endif
