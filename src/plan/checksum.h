/*
 * checksum.h - the plan as lines "key = value": what makes it this plan.
 *
 * Comments, the order of keys, quotes, line endings, description, owner and
 * ticket are not in it, so that changing them is no drift.
 */
#ifndef ORCHESTRATE_PLAN_CHECKSUM_H
#define ORCHESTRATE_PLAN_CHECKSUM_H

#include "orchestrate/plan/plan.h"

const char *plan_canonical(struct arena *arena, const struct plan *plan);

/* Hex. */
const char *text_sha256(struct arena *arena, const char *text);

#endif
