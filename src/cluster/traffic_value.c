/* Values: how they look as text, and how the first rows get theirs. */
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "traffic_app.h"

enum { WIDE = 2500 }; /* bytes, at most */

static void email(uint64_t n, char *out, size_t size)
{
    snprintf(out, size, "user%" PRIu64 "@example.org", n);
}

static void text(uint64_t n, char *out, size_t size)
{
    static const char *const around[][2] = {
        { "plain ", "" }, { "O'Neill \"", "\"" }, { "back\\slash ", "\\" },
        { "Zoë ", " ✓" }, { "  spaces ", "  " },
    };
    size_t i = n % ARRAY_LEN(around);

    snprintf(out, size, "%s%" PRIu64 "%s", around[i][0], n, around[i][1]);
}

static void integer(uint64_t n, char *out, size_t size)
{
    snprintf(out, size, "%" PRIu64, n);
}

/* Few values and many ways to write them: 3.5, 3.50, 3.500 are equal, and not the same. */
static void numeric(uint64_t n, char *out, size_t size)
{
    static const char zeros[] = "0000";

    snprintf(out, size, "%" PRIu64 ".5%.*s", n / 5 % 3, (int)(n % 5), zeros);
}

static void jsonb(uint64_t n, char *out, size_t size)
{
    char number[32];

    numeric(n, number, sizeof number);
    snprintf(out, size, "{\"price\": %s, \"tags\": [\"a\", null]}", number);
}

static void timestamp(uint64_t n, char *out, size_t size)
{
    time_t s = (time_t)(1577836800 + n / 1000000);
    struct tm tm;
    size_t len;

    gmtime_r(&s, &tm);
    len = strftime(out, size, "%Y-%m-%d %H:%M:%S", &tm);
    snprintf(out + len, size - len, ".%06u+00", (unsigned)(n % 1000000));
}

static void wide(uint64_t n, char *out, size_t size)
{
    size_t length = WIDE - 20;

    memset(out, 'a' + (int)(n % 26), length);
    snprintf(out + length, size - length, "%" PRIu64, n);
}

/* clang-format off */
static const struct {
    void (*write)(uint64_t n, char *out, size_t size);
    bool distinct;
    const char *sql;
} kinds[VALUE_KIND_COUNT] = {
    [VALUE_EMAIL]     = { email,     true,  "'customer' || g || '@example.org'" },
    [VALUE_TEXT]      = { text,      true,  "'first ' || g" },
    [VALUE_INTEGER]   = { integer,   true,  "-g" },
    [VALUE_NUMERIC]   = { numeric,   false, "(g % 3)::numeric + 0.50" },
    [VALUE_JSONB]     = { jsonb,     false, "pg_catalog.jsonb_build_object('price', (g % 3) + 0.50)" },
    [VALUE_WIDE]      = { wide,      true,  "repeat('w', 2500) || g" },
    [VALUE_TIMESTAMP] = { timestamp, true,  "timestamptz '1999-01-01' + g * interval '1 ms'" },
};
/* clang-format on */

void value_text(enum value_kind kind, uint64_t n, char *out, size_t size)
{
    kinds[kind].write(n, out, size);
}

bool value_distinct(enum value_kind kind)
{
    return kinds[kind].distinct;
}

const char *value_sql(enum value_kind kind)
{
    return kinds[kind].sql;
}
