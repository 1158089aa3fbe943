/*
 * diff.c - how two canonical forms differ.
 */
#include "orchestrate/base/buf.h"
#include "orchestrate/plan/plan.h"

struct line {
    const char *text; /* up to the line break */
    int len, key;     /* key: length of what stands before " = " */
};

struct lines {
    struct line *line;
    size_t n;
};

static struct lines split(struct arena *arena, const char *text)
{
    struct lines lines = { 0 };

    while (*text) {
        int len = (int)strcspn(text, "\n");
        const char *equals = strstr(text, " = ");
        bool has_key = equals && equals < text + len;

        *ARENA_PUSH(arena, lines.line, lines.n) =
            (struct line){ text, len, has_key ? (int)(equals - text) : len };
        text += len + (text[len] == '\n');
    }
    return lines;
}

static bool same(const char *a, int a_len, const char *b, int b_len)
{
    return a_len == b_len && memcmp(a, b, (size_t)a_len) == 0;
}

/*
 * The line with the same key.  Both sides are in the order of the tables, so it
 * is at, or soon after, the place where the search for the one before it ended.
 */
static const struct line *find(const struct lines *in, const struct line *wanted, size_t *from)
{
    for (size_t k = 0; k < in->n; k++) {
        const struct line *line = &in->line[(*from + k) % in->n];

        if (same(line->text, line->key, wanted->text, wanted->key)) {
            *from = (*from + k + 1) % in->n;
            return line;
        }
    }
    return NULL;
}

static void add(struct buf *out, char sign, const struct line *line)
{
    buf_addf(out, "%c %.*s\n", sign, line->len, line->text);
}

const char *plan_diff(struct arena *arena, const char *before, const char *after)
{
    const struct lines old = split(arena, before), new = split(arena, after);
    struct buf out = BUF_IN(arena);
    size_t from = 0;

    for (size_t i = 0; i < old.n; i++) {
        const struct line *now = find(&new, &old.line[i], &from);

        if (now && same(now->text, now->len, old.line[i].text, old.line[i].len))
            continue;
        add(&out, '-', &old.line[i]);
        if (now)
            add(&out, '+', now);
    }
    from = 0;
    for (size_t i = 0; i < new.n; i++)
        if (!find(&old, &new.line[i], &from))
            add(&out, '+', &new.line[i]);
    return buf_text(&out);
}
