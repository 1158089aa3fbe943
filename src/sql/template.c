#include "orchestrate/sql/template.h"

#include <ctype.h>
#include <string.h>

#include "orchestrate/base/buf.h"

/* Dollar quotes of ours; a value in which they may begin is quoted plainly. */
#define DOLLAR_OPEN "$orchestrate"
#define DOLLAR DOLLAR_OPEN "$"

const char *vars_find(const struct vars *vars, const char *name)
{
    for (size_t i = vars->n; i > 0; i--)
        if (strcmp(vars->vars[i - 1].name, name) == 0)
            return vars->vars[i - 1].value;
    return NULL;
}

void vars_add(struct arena *arena, struct vars *vars, const char *name, const char *value)
{
    struct var *var = ARENA_PUSH(arena, vars->vars, vars->n);

    var->name = name;
    var->value = value;
}

static bool word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

/* How many bytes at `s` are a comment or something quoted, to be copied as they are; 0: none. */
static size_t opaque(const char *s, bool after_word)
{
    const char *end;

    if (s[0] == '-' && s[1] == '-')
        return strcspn(s, "\n");
    if (s[0] == '/' && s[1] == '*') {
        size_t i = 2;

        for (int depth = 1; depth && s[i]; i++) {
            if (s[i] == '/' && s[i + 1] == '*')
                depth++, i++;
            else if (s[i] == '*' && s[i + 1] == '/')
                depth--, i++;
        }
        return i;
    }
    if (*s == '\'' || *s == '"') {
        bool escapes = *s == '\'' && after_word; /* E'...' */
        size_t i = 1;

        for (; s[i]; i++) {
            if (escapes && s[i] == '\\' && s[i + 1])
                i++;
            else if (s[i] == *s && s[i + 1] == *s)
                i++;
            else if (s[i] == *s)
                return i + 1;
        }
        return i;
    }
    if (*s == '$' && !after_word) {
        size_t tag =
            1 + strspn(s + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
        char delimiter[72];

        if (s[tag] != '$' || isdigit((unsigned char)s[1]) || tag >= sizeof delimiter - 1)
            return 0;
        memcpy(delimiter, s, tag + 1);
        delimiter[tag + 1] = '\0';
        end = strstr(s + tag + 1, delimiter);
        return end ? (size_t)(end - s) + tag + 1 : strlen(s);
    }
    return 0;
}

static void add_quoted(struct buf *out, const char *value, char quote)
{
    buf_addn(out, &quote, 1);
    for (; *value; value++) {
        if (*value == quote)
            buf_addn(out, &quote, 1);
        buf_addn(out, value, 1);
    }
    buf_addn(out, &quote, 1);
}

static void add_literal(struct buf *out, const char *value)
{
    /* Function bodies are for reading: no doubled quotes where it can be helped. */
    if (strchr(value, '\n') && !strstr(value, DOLLAR_OPEN))
        buf_addf(out, DOLLAR "%s" DOLLAR, value);
    else
        add_quoted(out, value, '\'');
}

/* A reference at `s` (which is a colon): its length, its name, how it is quoted; 0: none. */
static size_t reference(struct arena *arena, const char *s, const char **name, char *quote)
{
    size_t n;

    *quote = s[1] == '"' || s[1] == '\'' ? s[1] : '\0';
    if (*quote) {
        const char *end = strchr(s + 2, *quote);

        if (!end || end == s + 2)
            return 0;
        *name = arena_strndup(arena, s + 2, (size_t)(end - s) - 2);
        return (size_t)(end - s) + 1;
    }
    if (!word(s[1]) || isdigit((unsigned char)s[1]))
        return 0;
    for (n = 1; word(s[n]); n++)
        continue;
    *name = arena_strndup(arena, s + 1, n - 1);
    return n;
}

bool template_render(struct arena *arena, const char *text, const struct vars *vars,
                     const char **out, struct err *err)
{
    struct buf buf = BUF_IN(arena);
    const char *s = text, *name, *value;
    size_t n;
    char quote;

    while (*s) {
        if ((n = opaque(s, s > text && word(s[-1]))) > 0 ||
            (n = s[0] == ':' && s[1] == ':' ? 2 : 0)) {
            buf_addn(&buf, s, n);
        } else if (*s == ':' && (n = reference(arena, s, &name, &quote)) > 0) {
            value = vars_find(vars, name);
            if (!value && !vars->missing_ok)
                return err_set(err, ERR_BUG, "a template names %s, which nobody provides", name);
            if (!value)
                buf_addf(&buf, "<%s>", name);
            else if (quote == '"')
                add_quoted(&buf, value, '"');
            else if (quote)
                add_literal(&buf, value);
            else
                buf_add(&buf, value);
        } else {
            buf_addn(&buf, s, n = 1);
        }
        s += n;
    }
    *out = buf_text(&buf);
    return true;
}
