/*
 * text.h - durations, sizes, and the distance between words.
 */
#ifndef ORCHESTRATE_BASE_TEXT_H
#define ORCHESTRATE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "orchestrate/base/arena.h"

/* "50ms" "10s" "5m" "24h" "7d" -> milliseconds; also "0".  False for anything else. */
bool text_duration(const char *text, int64_t *ms);

/* The same back, in the largest unit that is exact. */
const char *text_from_duration(struct arena *arena, int64_t ms);

/* For people: "1.2 s", "3 m 20 s", "12 ms". */
const char *text_elapsed(struct arena *arena, double ms);

/* Decimal digits only, no sign, no overflow. */
bool text_int(const char *text, int64_t *value);

/* Damerau-Levenshtein (adjacent swaps count once); of ASCII letters small and capital are alike. */
size_t text_distance(const char *a, const char *b);

/*
 * The candidate nearest to `word`, or NULL when none is near enough to be
 * meant (more than a third of the letters, and one, differ).  `names` ends with NULL.
 */
const char *text_nearest(const char *word, const char *const *names);

/* Valid UTF-8 without NUL; *bad is the offset of the first bad byte. */
bool text_utf8(const char *text, size_t len, size_t *bad);

bool text_starts(const char *text, const char *prefix);
bool text_ends(const char *text, const char *suffix);
bool text_same(const char *a, const char *b); /* NULL equals NULL only */

/* The server counts characters, from 1; offsets are in bytes. */
size_t text_offset(const char *text, int position);
int text_position(const char *text, size_t offset);

/* ", line 2, column 5" of this position; "" when it is not known (0). */
const char *text_line_column(struct arena *arena, const char *text, int position);

#endif
