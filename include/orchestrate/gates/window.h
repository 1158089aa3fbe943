/*
 * window.h - times of the week, as the gate `window` takes them.
 *
 *   Mon-Thu 09:00-16:00, Fri 09:00-12:00
 *   Sat-Mon 22:00-04:00      begins on these days, ends on the day after
 *   22:00-04:00              every day
 *   Sun 00:00-24:00          the whole day
 */
#ifndef ORCHESTRATE_GATES_WINDOW_H
#define ORCHESTRATE_GATES_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

#include "orchestrate/base/arena.h"

/*
 * Reads the windows in `text`, separated by commas, and adds each in its
 * shortest form ("Mon-Thu 09:00-16:00") to *windows.  False: *why says what is
 * wrong with which part.
 */
bool windows_parse(struct arena *arena, const char *text, const char ***windows, size_t *n,
                   const char **why);

#endif
