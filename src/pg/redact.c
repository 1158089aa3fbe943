/*
 * Keeping passwords out of messages.
 *
 * A malformed URL is where a leak is most likely, so nothing here relies on
 * the URL being well formed: whatever could be meant as the password is taken
 * for it.
 */
#include <string.h>
#include <strings.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/pg/pg.h"

/* Shorter ones occur in every text; they are replaced only where they stand as a password. */
enum { MIN_BARE = 4 };

static const char *replace(struct arena *arena, const char *text, const char *what,
                           const char *with)
{
    struct buf out = BUF_IN(arena);
    size_t len = strlen(what);
    const char *hit;

    while (len && (hit = strstr(text, what))) {
        buf_addn(&out, text, (size_t)(hit - text));
        buf_add(&out, with);
        text = hit + len;
    }
    buf_add(&out, text);
    return buf_text(&out);
}

static int hex(char c)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) % 16 : -1;
}

/* As much as can be decoded. */
static const char *decoded(struct arena *arena, const char *text)
{
    struct buf out = BUF_IN(arena);

    for (; *text; text++) {
        char c = *text;

        if (c == '%' && hex(text[1]) >= 0 && hex(text[2]) >= 0) {
            c = (char)(hex(text[1]) * 16 + hex(text[2]));
            text += 2;
        }
        if (c)
            buf_addn(&out, &c, 1);
    }
    return buf_text(&out);
}

static const char *without(struct arena *arena, const char *text, const char *secret)
{
    const char *forms[] = { secret, decoded(arena, secret) };

    for (size_t i = 0; i < ARRAY_LEN(forms) && *secret; i++) {
        text = replace(arena, text, arena_printf(arena, ":%s@", forms[i]), ":***@");
        text = replace(arena, text, arena_printf(arena, "password=%s", forms[i]), "password=***");
        if (strlen(forms[i]) >= MIN_BARE)
            text = replace(arena, text, forms[i], "***");
    }
    return text;
}

/* user:secret@host - up to the last @ and up to the first one. */
static const char *hide_userinfo(struct arena *arena, const char *text, const char *url)
{
    const char *start = strstr(url, "://"), *colon, *first, *last;

    if (!start)
        return text;
    colon = strchr(start + 3, ':');
    last = strrchr(start + 3, '@');
    if (!colon || !last || colon > last)
        return text;
    first = strchr(colon, '@');
    text = without(arena, text, arena_strndup(arena, colon + 1, (size_t)(last - colon - 1)));
    if (first != last) {
        text = without(arena, text, arena_strndup(arena, colon + 1, (size_t)(first - colon - 1)));
        text = without(arena, text, arena_strndup(arena, first + 1, (size_t)(last - first - 1)));
    }
    return text;
}

/* password=secret, in a query string or in a list of settings. */
static const char *hide_settings(struct arena *arena, const char *text, const char *url)
{
    for (const char *at = strcasestr(url, "password"); at; at = strcasestr(at + 1, "password")) {
        const char *value = at + strlen("password");
        char quote;
        size_t len;

        value += strspn(value, " ");
        if (*value != '=')
            continue;
        value += 1 + strspn(value + 1, " ");
        quote = *value == '\'' ? *value : '\0';
        len = quote ? strcspn(value + 1, "'") : strcspn(value, " &");
        text = without(arena, text, arena_strndup(arena, value + (quote != '\0'), len));
    }
    return text;
}

const char *pg_redact(struct arena *arena, const char *text, const char *url)
{
    if (!url)
        return text;
    return hide_settings(arena, hide_userinfo(arena, text, url), url);
}
