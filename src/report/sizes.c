/*
 * How big the tables are, in words: whether a phase takes seconds or days
 * depends on that.
 */
#include <inttypes.h>

#include "safety.h"

static const char *bytes(struct arena *arena, int64_t n)
{
    static const char *const units[] = { "bytes", "kB", "MB", "GB", "TB" };
    double value = (double)n;
    size_t unit = 0;

    while (value >= 1024 && unit + 1 < ARRAY_LEN(units)) {
        value /= 1024;
        unit++;
    }
    return arena_printf(arena, unit && value < 10 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static const char *rows(struct arena *arena, int64_t n)
{
    if (n < 0)
        return "number of rows not known (never analyzed)";
    if (n >= 1000000)
        return arena_printf(arena, "about %.1f million rows", (double)n / 1e6);
    return arena_printf(arena, "about %" PRId64 " rows", n);
}

void safety_sizes(struct safety *s)
{
    for (size_t i = 0; i < s->report->n_sizes; i++) {
        const struct table_size *t = &s->report->sizes[i];

        *ARENA_PUSH(s->arena, s->sizes, s->n_sizes) =
            arena_printf(s->arena, "%s: %s, %s, indexes %s", t->relation, rows(s->arena, t->rows),
                         bytes(s->arena, t->bytes), bytes(s->arena, t->index_bytes));
    }
}
