
#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/json_read.h"

/* The end of the string that begins at the quote `at`: behind the closing one. */
static const char *string_end(const char *at)
{
    for (at++; *at && *at != '"'; at++)
        if (*at == '\\' && at[1])
            at++;
    return *at ? at + 1 : at;
}

/* Behind a value of any kind. */
static const char *value_end(const char *at)
{
    int depth = 0;

    for (; *at; at++) {
        if (*at == '"') {
            at = string_end(at) - 1;
            continue;
        }
        if (!depth && (*at == ',' || *at == '}'))
            break;
        depth += *at == '{' || *at == '[';
        depth -= *at == '}' || *at == ']';
    }
    return at;
}

/* jsonb keeps letters as they are; only control characters are written as numbers. */
static const char *unescaped(struct arena *arena, const char *from, const char *end)
{
    static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
    struct buf out = BUF_IN(arena);

    for (; from < end; from++) {
        const char *letter;

        if (*from != '\\' || from + 1 == end) {
            buf_addn(&out, from, 1);
            continue;
        }
        from++;
        letter = strchr(letters, *from);
        if (letter)
            buf_addn(&out, &meant[letter - letters], 1);
        else if (*from == 'u')
            from += end - from > 4 ? 4 : end - from - 1;
        else
            buf_addn(&out, from, 1);
    }
    return buf_text(&out);
}

static const char *text_of(struct arena *arena, const char *from, const char *end)
{
    return *from == '"' ? unescaped(arena, from + 1, end - 1)
                        : arena_strndup(arena, from, (size_t)(end - from));
}

bool json_item(struct arena *arena, const char **at, const char **item)
{
    const char *from = *at + strspn(*at, "[, "), *end;

    if (*from != '"')
        return false;
    end = string_end(from);
    *at = end;
    *item = text_of(arena, from, end);
    return true;
}

bool json_next(struct arena *arena, const char **at, const char **key, const char **value)
{
    while (*at) {
        const char *name = *at + strspn(*at, "{, "), *end, *from;

        if (*name != '"')
            return false;
        end = string_end(name);
        from = end + strspn(end, ": ");
        *at = value_end(from);
        if (strncmp(from, "null", 4) == 0)
            continue;
        *key = text_of(arena, name, end);
        *value = text_of(arena, from, *at);
        return true;
    }
    return false;
}

const char *json_member(struct arena *arena, const char *detail, const char *key)
{
    const char *name, *value;

    while (json_next(arena, &detail, &name, &value))
        if (strcmp(name, key) == 0)
            return value;
    return NULL;
}

double json_number(struct arena *arena, const char *detail, const char *key, double otherwise)
{
    const char *value = json_member(arena, detail, key);

    return value ? strtod(value, NULL) : otherwise;
}
