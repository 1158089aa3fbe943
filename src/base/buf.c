#include "orchestrate/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char *room(struct buf *buf, size_t len)
{
    if (!buf->data || buf->len + len + 1 > buf->cap) {
        size_t cap = buf->cap ? buf->cap : 256;
        char *data;

        while (cap < buf->len + len + 1)
            cap *= 2;
        data = arena_alloc(buf->arena, cap);
        if (buf->len)
            memcpy(data, buf->data, buf->len);
        buf->data = data;
        buf->cap = cap;
    }
    return buf->data + buf->len;
}

void buf_addn(struct buf *buf, const char *text, size_t len)
{
    char *to = room(buf, len);

    memcpy(to, text, len);
    to[len] = '\0';
    buf->len += len;
}

void buf_add(struct buf *buf, const char *text)
{
    buf_addn(buf, text, strlen(text));
}

void buf_addf(struct buf *buf, const char *fmt, ...)
{
    va_list args, again;
    int n;

    va_start(args, fmt);
    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    if (n > 0) {
        vsnprintf(room(buf, (size_t)n), (size_t)n + 1, fmt, again);
        buf->len += (size_t)n;
    }
    va_end(again);
}

const char *buf_text(const struct buf *buf)
{
    return buf->data ? buf->data : "";
}
