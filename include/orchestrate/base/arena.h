/*
 * arena.h - memory that lives as long as one command, or one step attempt.
 *
 * Allocation never fails: out of memory ends the process.  That is sound for
 * a short-lived tool whose state is in the database (a killed process is a
 * case that the state machine handles anyway).
 */
#ifndef ORCHESTRATE_BASE_ARENA_H
#define ORCHESTRATE_BASE_ARENA_H

#include <stddef.h>

#include "orchestrate/base/attr.h"

struct arena {
    struct arena_block *head;
};

void *arena_alloc(struct arena *arena, size_t size); /* zeroed, aligned for any type */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_printf(struct arena *arena, const char *fmt, ...) PRINTF(2, 3);

/* Grows an array by one zeroed element and returns it.  *items and *n are updated. */
void *arena_grow(struct arena *arena, void *items_ptr, size_t *n, size_t size);

void arena_cleanup(struct arena *arena);

#define ARENA_PUSH(arena, items, n)                                                                \
    ((__typeof__(items))arena_grow((arena), &(items), &(n), sizeof(*(items))))

#endif
