#include "validate.h"

#include "orchestrate/base/buf.h"
#include "orchestrate/base/text.h"

static const char digits[] = "0123456789";

void check_ident(struct loading *l, const char *key, const char *name, struct src_pos at)
{
    size_t len = strlen(name);

    if (len > IDENT_MAX)
        complain(l, at, NULL,
                 "`%s` is %zu bytes long; Postgres takes at most %d and would cut it off", key, len,
                 IDENT_MAX);
}

bool name_is_valid(const char *name)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    static const char later[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";

    return *name && strspn(name, first) > 0 && !name[strspn(name, later)] &&
           strlen(name) <= IDENT_MAX;
}

/* "a ""b""" from the opening quote on; NULL when it is not closed. */
static const char *quoted_part(struct buf *out, const char *p)
{
    for (p++; *p; p++) {
        if (*p == '"' && *++p != '"')
            return p;
        buf_addn(out, p, 1);
    }
    return NULL;
}

/* Reads one part; *text is moved to what follows it: a dot, or the end. */
static bool part_parse(struct arena *arena, const char **text, const char **part, const char **why)
{
    struct buf out = BUF_IN(arena);
    const char *p = *text;

    if (*p == '"') {
        p = quoted_part(&out, p);
        if (!p)
            return *why = "a double quote is not closed", false;
        if (*p && *p != '.')
            return *why = "text behind a closing double quote", false;
    } else {
        p += strcspn(p, ".");
        buf_addn(&out, *text, (size_t)(p - *text));
        if (strchr(buf_text(&out), '"'))
            return *why = "a part that contains a double quote has to be quoted itself", false;
        if (out.len && (out.data[0] == ' ' || out.data[out.len - 1] == ' '))
            return *why = "a blank beside the dot", false;
    }
    if (!out.len)
        return *why = "a part is empty", false;
    *part = buf_text(&out);
    *text = p;
    return true;
}

bool table_parse(struct arena *arena, const char *text, const char **schema, const char **table,
                 const char **why)
{
    *schema = NULL;
    if (!part_parse(arena, &text, table, why))
        return false;
    if (!*text)
        return true;
    *schema = *table;
    text++;
    if (!part_parse(arena, &text, table, why))
        return false;
    if (*text)
        return *why = "more than two parts", false;
    return true;
}

static void part_text(struct buf *out, const char *part)
{
    size_t n = strlen(part);

    if (!strpbrk(part, ".\"") && part[0] != ' ' && part[n - 1] != ' ') {
        buf_add(out, part);
        return;
    }
    buf_add(out, "\"");
    for (; *part; part++)
        buf_add(out, *part == '"' ? "\"\"" : (char[]){ *part, '\0' });
    buf_add(out, "\"");
}

const char *table_text(struct arena *arena, const char *schema, const char *table)
{
    struct buf out = BUF_IN(arena);

    if (schema) {
        part_text(&out, schema);
        buf_add(&out, ".");
    }
    part_text(&out, table);
    return buf_text(&out);
}

/* "2.4.0": numbers with dots between them.  Returns what follows, or NULL. */
static const char *version_end(const char *p)
{
    enum { LONGEST = 9 };

    for (;; p++) {
        size_t n = strspn(p, digits);

        if (!n || n > LONGEST)
            return NULL;
        p += n;
        if (*p != '.')
            return p;
    }
}

const char *version_constraint(struct arena *arena, const char *text)
{
    static const char *const operators[] = { ">=", "<=", ">", "<", "=" };
    struct buf out = BUF_IN(arena);
    const char *p;
    size_t i;

    for (; *text; text++)
        if (*text != ' ')
            buf_addn(&out, text, 1);
    for (p = buf_text(&out);; p++) {
        for (i = 0; i < ARRAY_LEN(operators) && !text_starts(p, operators[i]); i++)
            ;
        if (i == ARRAY_LEN(operators))
            return NULL;
        p = version_end(p + strlen(operators[i]));
        if (!p || (*p && *p != ','))
            return NULL;
        if (!*p)
            return buf_text(&out);
    }
}
