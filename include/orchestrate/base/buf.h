/*
 * buf.h - a growing piece of text in an arena.
 */
#ifndef ORCHESTRATE_BASE_BUF_H
#define ORCHESTRATE_BASE_BUF_H

#include <stddef.h>

#include "orchestrate/base/arena.h"

struct buf {
    struct arena *arena;
    char *data; /* always NUL-terminated once anything was added; else NULL */
    size_t len, cap;
};

#define BUF_IN(a) ((struct buf){ .arena = (a) })

void buf_add(struct buf *buf, const char *text);
void buf_addn(struct buf *buf, const char *text, size_t len);
void buf_addf(struct buf *buf, const char *fmt, ...) PRINTF(2, 3);
const char *buf_text(const struct buf *buf); /* "" when empty */

#endif
