#include "loading.h"

#include <stdarg.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/text.h"
#include "rune.h"

static bool stands_after(struct src_pos a, struct src_pos b)
{
    return a.line != b.line ? a.line > b.line : a.column > b.column;
}

bool complaint_fits(const struct loading *l, struct src_pos at)
{
    const struct plan_errors *e = l->errors;

    return e->n < PLAN_MAX_ERRORS || stands_after(e->errs[e->n - 1].at, at);
}

/* Opens a gap for an error at `at`; the last one may have to leave. */
static struct err *insert(struct plan_errors *e, struct src_pos at)
{
    size_t to = e->n;

    if (e->n == PLAN_MAX_ERRORS) {
        e->more++;
        to--;
    } else {
        e->n++;
    }
    for (; to > 0 && stands_after(e->errs[to - 1].at, at); to--)
        e->errs[to] = e->errs[to - 1];
    return &e->errs[to];
}

void complain(struct loading *l, struct src_pos at, const char *hint, const char *fmt, ...)
{
    struct err *err;
    va_list args;

    if (!complaint_fits(l, at)) {
        l->errors->more++;
        return;
    }
    err = insert(l->errors, at);
    *err = (struct err){ .code = ERR_PLAN, .at = at };
    va_start(args, fmt);
    vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    if (hint)
        snprintf(err->hint, sizeof err->hint, "%s", hint);
}

void complain_unknown(struct loading *l, struct src_pos at, const char *noun, const char *word,
                      const char *where, const char *const *names, const char *const *likely)
{
    struct buf hint = BUF_IN(l->arena);
    const char *nearest;

    if (!complaint_fits(l, at)) {
        l->errors->more++;
        return;
    }
    nearest = text_nearest(word, likely);
    if (!nearest)
        nearest = text_nearest(word, names);
    if (nearest)
        buf_addf(&hint, "did you mean `%s`?", nearest);
    else
        for (size_t i = 0; names[i]; i++)
            buf_addf(&hint, "%s%s", i ? ", " : "known here: ", names[i]);
    complain(l, at, buf_text(&hint), "unknown %s `%s` in %s", noun, shown(l, word), where);
}

const char *shown(struct loading *l, const char *text)
{
    enum { MOST = 60 };
    struct buf out = BUF_IN(l->arena);
    int n = 0;

    while (*text && n++ < MOST) {
        const char *from = text;
        unsigned rune = rune_next(&text);

        if (rune == '\n')
            buf_add(&out, "\\n");
        else if (rune_refused(rune, RUNE_IN_NAME))
            buf_add(&out, "?");
        else
            buf_addn(&out, from, (size_t)(text - from));
    }
    if (*text)
        buf_add(&out, "...");
    return buf_text(&out);
}
