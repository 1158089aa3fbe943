/*
 * json_read.h - members of JSON that we wrote ourselves, or the server from jsonb:
 * the `detail` of a row of the history, the value of a gate.
 */
#ifndef ORCHESTRATE_BASE_JSON_READ_H
#define ORCHESTRATE_BASE_JSON_READ_H

#include <stdbool.h>

#include "orchestrate/base/arena.h"

/*
 * Walks over the members of an object.  *at begins as the whole text.  A string
 * comes without quotes and escapes, anything else as it stands; null is skipped.
 * False at the end, and for what is no object.
 */
bool json_next(struct arena *arena, const char **at, const char **key, const char **value);

/* One member, or NULL. */
const char *json_member(struct arena *arena, const char *object, const char *key);

/* A member that is a number, or `otherwise`. */
double json_number(struct arena *arena, const char *object, const char *key, double otherwise);

/* Walks over an array of texts in the same way. */
bool json_item(struct arena *arena, const char **at, const char **item);

#endif
