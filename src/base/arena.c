#include "orchestrate/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN = 16, BLOCK = 16384 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    _Alignas(ALIGN) unsigned char data[];
};

static void *must(void *p)
{
    if (p)
        return p;
    fputs("orchestrate: out of memory\n", stderr);
    abort();
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct arena_block *b = arena->head;

    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (!b || b->size - b->used < size) {
        size_t cap = size > BLOCK ? size : BLOCK;

        b = must(calloc(1, sizeof *b + cap));
        b->size = cap;
        b->next = arena->head;
        arena->head = b;
    }
    b->used += size;
    return b->data + b->used - size;
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
    char *copy = arena_alloc(arena, len + 1);

    memcpy(copy, text, len);
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list args, again;
    int n;
    char *text;

    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    text = arena_alloc(arena, (size_t)(n < 0 ? 0 : n) + 1);
    vsnprintf(text, (size_t)(n < 0 ? 0 : n) + 1, fmt, again);
    va_end(again);
    return text;
}

void *arena_grow(struct arena *arena, void *items_ptr, size_t *n, size_t size)
{
    unsigned char *items;

    memcpy(&items, items_ptr, sizeof items);
    /* Capacity is the next power of two, so it need not be remembered. */
    if ((*n & (*n - 1)) == 0) {
        unsigned char *bigger = arena_alloc(arena, (*n ? *n * 2 : 1) * size);

        if (*n)
            memcpy(bigger, items, *n * size);
        items = bigger;
        memcpy(items_ptr, &items, sizeof items);
    }
    return items + (*n)++ * size;
}

void arena_cleanup(struct arena *arena)
{
    for (struct arena_block *b = arena->head, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    arena->head = NULL;
}
