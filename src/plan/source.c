#include "source.h"

#include "orchestrate/base/text.h"
#include "rune.h"

/* Line and column (in characters) of an offset in text that is valid up to there. */
static struct src_pos pos_of(const struct source *s, size_t offset)
{
    struct src_pos at = { s->file, 1, 1 };

    for (size_t i = 0; i < offset; i++)
        if (s->text[i] == '\n') {
            at.line++;
            at.column = 1;
        } else if (((unsigned char)s->text[i] & 0xc0) != 0x80) {
            at.column++;
        }
    return at;
}

static const struct {
    size_t len;
    char bytes[4];
    const char *encoding;
} foreign[] = {
    { 4, { '\xff', '\xfe', 0, 0 }, "UTF-32" },
    { 4, { 0, 0, '\xfe', '\xff' }, "UTF-32" },
    { 2, { '\xff', '\xfe' }, "UTF-16" },
    { 2, { '\xfe', '\xff' }, "UTF-16" },
};

static bool check_encoding(struct loading *l, struct source *s)
{
    static const char bom[] = "\xef\xbb\xbf";
    size_t bad;

    for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
        if (s->len >= foreign[i].len && memcmp(s->text, foreign[i].bytes, foreign[i].len) == 0) {
            complain(l, (struct src_pos){ s->file, 1, 1 }, "save it as UTF-8",
                     "the file is %s; a %s is UTF-8", foreign[i].encoding, l->noun);
            return false;
        }
    if (s->len >= 3 && memcmp(s->text, bom, 3) == 0) {
        s->text += 3;
        s->len -= 3;
    }
    if (text_utf8(s->text, s->len, &bad))
        return true;
    if (s->text[bad] == '\0')
        complain(l, pos_of(s, bad), "save it as UTF-8, if it is UTF-16", "a NUL byte; a %s is text",
                 l->noun);
    else
        complain(l, pos_of(s, bad), "save it as UTF-8", "byte 0x%02x is not valid UTF-8",
                 (unsigned)(unsigned char)s->text[bad]);
    return false;
}

/* Characters that YAML would refuse less clearly, or that hide what the plan says. */
static bool check_runes(struct loading *l, const struct source *s)
{
    const char *p = s->text, *end = s->text + s->len;
    struct src_pos at = { s->file, 1, 1 };
    bool ok = true;

    while (p < end) {
        unsigned rune = rune_next(&p);
        const char *what = rune_refused(rune, RUNE_IN_PROSE);

        if (rune == '\r' && p < end && *p == '\n')
            what = NULL;
        if (what) {
            complain(l, at, NULL, "U+%04X is %s; it may not stand in a %s", rune, what, l->noun);
            ok = false;
        }
        at.column++;
        if (rune == '\n')
            at = (struct src_pos){ s->file, at.line + 1, 1 };
    }
    return ok;
}

static void find_lines(struct loading *l, struct source *s)
{
    *ARENA_PUSH(l->arena, s->lines, s->n_lines) = 0;
    for (size_t i = 0; i < s->len; i++)
        if (s->text[i] == '\n')
            *ARENA_PUSH(l->arena, s->lines, s->n_lines) = i + 1;
}

bool source_check(struct loading *l, const char *file, const char *text, size_t len,
                  struct source *source)
{
    *source = (struct source){ .file = file, .text = text, .len = len };
    if (len > SOURCE_MAX) {
        complain(l, (struct src_pos){ file, 1, 1 }, NULL,
                 "the file is larger than 1 MiB; a %s is not", l->noun);
        return false;
    }
    if (!check_encoding(l, source) || !check_runes(l, source))
        return false;
    find_lines(l, source);
    return true;
}

int source_tab(const struct source *source, int line)
{
    size_t i;
    int column = 1;

    if (line < 1 || (size_t)line > source->n_lines)
        return 0;
    for (i = source->lines[line - 1]; i < source->len; i++, column++)
        if (source->text[i] == '\t')
            return column;
        else if (source->text[i] != ' ')
            return 0;
    return 0;
}
