/*
 * unit.h - what tests of the pure middle share: their main, and files.
 *
 * Paths are relative to the root of the source, where ctest runs each test.
 * Memory is of the arena that is given, which the test cleans up.
 */
#ifndef ORCHESTRATE_TESTS_UNIT_H
#define ORCHESTRATE_TESTS_UNIT_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>

#include "orchestrate/base/arena.h"

/* Runs the suite and frees it; returns main's status. */
int unit_run(Suite *suite);

/* The bytes of a file, with a NUL behind them; "" when there is none.  `len` may be NULL. */
const char *unit_file(struct arena *arena, const char *path, size_t *len);

/* Whether the file holds this text; if not, both are shown.  ORCHESTRATE_BLESS=1 writes it first.
 */
bool unit_golden_same(struct arena *arena, const char *path, const char *found);

/* The same as an assertion. */
void unit_golden(struct arena *arena, const char *path, const char *found);

/* Only when ORCHESTRATE_BLESS=1 is set: writes the text into the file. */
void unit_bless(const char *path, const char *text);

#endif
