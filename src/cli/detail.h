/*
 * detail.h - members of the `detail` that a row of the history carries.
 */
#ifndef ORCHESTRATE_CLI_DETAIL_H
#define ORCHESTRATE_CLI_DETAIL_H

#include <stdbool.h>

#include "orchestrate/base/arena.h"

/*
 * Walks over the members of a JSON object as the server writes jsonb.  *at begins
 * as the whole text.  A string comes without quotes and escapes, anything else as
 * it stands; null is skipped.  False at the end, and for what is no object.
 */
bool detail_next(struct arena *arena, const char **at, const char **key, const char **value);

/* One member, or NULL. */
const char *detail_member(struct arena *arena, const char *detail, const char *key);

/* A member that is a number, or `otherwise`. */
double detail_number(struct arena *arena, const char *detail, const char *key, double otherwise);

#endif
