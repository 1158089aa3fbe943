/*
 * Rows as C values, and values quoted for SQL.
 */
#include <stdlib.h>
#include <string.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/pg/pg.h"

static const char *cell(const PGresult *res, int row, const char *column)
{
    int c = PQfnumber(res, column);

    return c >= 0 && row < PQntuples(res) && !PQgetisnull(res, row, c) ? PQgetvalue(res, row, c)
                                                                       : NULL;
}

const char *pg_text(struct arena *arena, const PGresult *res, int row, const char *column)
{
    return arena_strdup(arena, cell(res, row, column));
}

bool pg_bool(const PGresult *res, int row, const char *column)
{
    const char *text = cell(res, row, column);

    return text && *text == 't';
}

int64_t pg_int(const PGresult *res, int row, const char *column)
{
    const char *text = cell(res, row, column);

    return text ? strtoll(text, NULL, 10) : 0;
}

double pg_float(const PGresult *res, int row, const char *column)
{
    const char *text = cell(res, row, column);

    return text ? strtod(text, NULL) : 0;
}

static const char *quoted(struct arena *arena, const char *text, const char *quote)
{
    struct buf out = BUF_IN(arena);

    buf_add(&out, quote);
    for (; *text; text++) {
        buf_addn(&out, text, 1);
        if (*text == *quote)
            buf_add(&out, quote);
    }
    buf_add(&out, quote);
    return buf_text(&out);
}

const char *pg_ident(struct arena *arena, const char *name)
{
    return quoted(arena, name, "\"");
}

const char *pg_literal(struct arena *arena, const char *value)
{
    /* The session has standard_conforming_strings on: a backslash is a backslash. */
    return value ? quoted(arena, value, "'") : "NULL";
}
