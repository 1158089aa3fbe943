/*
 * Prose in lines.
 */
#include <stdbool.h>
#include <string.h>

#include "orchestrate/report/report.h"

/* Columns: characters, not bytes.  Wide ones count as one; that is good enough here. */
static size_t columns(const char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

static void one_paragraph(struct buf *out, const char *first, const char *rest, const char *text,
                          size_t len)
{
    size_t at = columns(first, strlen(first));
    bool fresh = true;

    buf_add(out, first);
    for (size_t i = 0; i < len;) {
        size_t word = 0;

        while (i < len && text[i] == ' ')
            i++;
        while (i + word < len && text[i + word] != ' ')
            word++;
        if (!word)
            break;
        if (!fresh && at + 1 + columns(text + i, word) > REPORT_WIDTH) {
            buf_addf(out, "\n%s", rest);
            at = columns(rest, strlen(rest));
            fresh = true;
        }
        if (!fresh)
            buf_add(out, " ");
        buf_addn(out, text + i, word);
        at += columns(text + i, word) + !fresh;
        fresh = false;
        i += word;
    }
    buf_add(out, "\n");
}

void report_wrap(struct buf *out, const char *first, const char *rest, const char *text)
{
    for (;;) {
        size_t len = strcspn(text, "\n");

        one_paragraph(out, first, rest, text, len);
        if (!text[len] || !text[len + 1])
            return;
        text += len + 1;
        first = rest;
    }
}
