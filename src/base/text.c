#include "orchestrate/base/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

static const struct {
    const char *unit;
    int64_t ms;
} units[] = {
    { "d", 86400000 }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 },
};

static const int64_t longest = INT64_C(36525) * 86400000; /* a century */

bool text_int(const char *text, int64_t *value)
{
    int64_t v = 0;

    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || v > (INT64_MAX - 9) / 10)
            return false;
        v = v * 10 + (*text - '0');
    }
    *value = v;
    return true;
}

bool text_duration(const char *text, int64_t *ms)
{
    size_t digits = strspn(text, "0123456789");
    char number[20] = "";
    int64_t n;

    if (!digits || digits >= sizeof number)
        return false;
    memcpy(number, text, digits);
    if (!text_int(number, &n))
        return false;
    if (!text[digits])
        return *ms = 0, n == 0;
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (strcmp(text + digits, units[i].unit) == 0) {
            if (n > longest / units[i].ms)
                return false;
            return *ms = n * units[i].ms, true;
        }
    return false;
}

const char *text_from_duration(struct arena *arena, int64_t ms)
{
    for (size_t i = 0; ms && i < ARRAY_LEN(units); i++)
        if (ms % units[i].ms == 0)
            return arena_printf(arena, "%" PRId64 "%s", ms / units[i].ms, units[i].unit);
    return "0";
}

const char *text_elapsed(struct arena *arena, double ms)
{
    int64_t s = (int64_t)(ms / 1000);

    if (ms < 10)
        return arena_printf(arena, "%.1f ms", ms);
    if (ms < 1000)
        return arena_printf(arena, "%.0f ms", ms);
    if (s < 60)
        return arena_printf(arena, "%.1f s", ms / 1000);
    if (s < 3600)
        return arena_printf(arena, "%" PRId64 " m %" PRId64 " s", s / 60, s % 60);
    if (s < 86400)
        return arena_printf(arena, "%" PRId64 " h %" PRId64 " m", s / 3600, s / 60 % 60);
    return arena_printf(arena, "%" PRId64 " d %" PRId64 " h", s / 86400, s / 3600 % 24);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

size_t text_distance(const char *a, const char *b)
{
    enum { MAX = 64 };
    size_t n = strlen(a), m = strlen(b), d[MAX + 1][MAX + 1];

    if (n > MAX || m > MAX)
        return n > m ? n : m;
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; j <= m; j++) {
            if (!i || !j) {
                d[i][j] = i + j;
                continue;
            }
            d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
                            d[i - 1][j - 1] + !same_letter(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
                same_letter(a[i - 2], b[j - 1]))
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[n][m];
}

const char *text_nearest(const char *word, const char *const *names)
{
    const char *best = NULL;
    size_t best_distance = strlen(word) / 3 + 1;

    for (; *names; names++) {
        size_t distance = text_distance(word, *names);

        if (distance < best_distance || (distance == best_distance && !best)) {
            best = *names;
            best_distance = distance;
        }
    }
    return best;
}

/* Well-formed UTF-8 as in table 3-7 of the Unicode standard. */
bool text_utf8(const char *text, size_t len, size_t *bad)
{
    const unsigned char *s = (const unsigned char *)text;

    for (size_t i = 0; i < len;) {
        unsigned char c = s[i];
        size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;
        bool ok = c && (c < 0x80 || (c >= 0xc2 && c <= 0xf4)) && i + n <= len;

        for (size_t k = 1; ok && k < n; k++)
            ok = (s[i + k] & 0xc0) == 0x80;
        if (ok && n > 2)
            ok = !(c == 0xe0 && s[i + 1] < 0xa0) && !(c == 0xed && s[i + 1] > 0x9f) &&
                 !(c == 0xf0 && s[i + 1] < 0x90) && !(c == 0xf4 && s[i + 1] > 0x8f);
        if (!ok)
            return *bad = i, false;
        i += n;
    }
    return true;
}

bool text_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *text, const char *suffix)
{
    size_t n = strlen(text), m = strlen(suffix);

    return n >= m && strcmp(text + n - m, suffix) == 0;
}

bool text_same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* The start of character number n, from 1. */
static const char *character(const char *text, int n)
{
    for (; n > 1 && *text; n--)
        do
            text++;
        while ((*text & 0xC0) == 0x80);
    return text;
}

size_t text_offset(const char *text, int position)
{
    return (size_t)(character(text, position) - text);
}

int text_position(const char *text, size_t offset)
{
    int position = 1;

    for (size_t i = 1; i <= offset && text[i - 1]; i++)
        position += (text[i] & 0xC0) != 0x80;
    return position;
}

const char *text_line_column(struct arena *arena, const char *text, int position)
{
    const char *end = character(text, position);
    int line = 1, column = 1;

    if (position <= 0)
        return "";
    for (const char *at = text; at < end; at = character(at, 2)) {
        column = *at == '\n' ? 1 : column + 1;
        line += *at == '\n';
    }
    return arena_printf(arena, ", line %d, column %d", line, column);
}
