#include "leaves.h"

#include <inttypes.h>
#include <stdlib.h>

#include "orchestrate/base/clock.h"
#include "sql_backfill.h"

static struct leaf *find(const struct leaves *leaves, int64_t relid)
{
    for (size_t i = 0; i < leaves->n; i++)
        if (leaves->list[i].relid == relid)
            return &leaves->list[i];
    return NULL;
}

static bool take_row(struct arena *arena, const PGresult *res, int i, struct leaves *leaves,
                     bool *added, struct err *err)
{
    const char *relation = pg_text(arena, res, i, "relation");
    struct leaf *known = find(leaves, pg_int(res, i, "relid"));

    leaves->tuples_per_page = (int)pg_int(res, i, "tuples_per_page");
    if (pg_bool(res, i, "foreign"))
        return err_set(err, ERR_CHECK,
                       "partition %s is a foreign table, which cannot be filled from here",
                       relation);
    if (pg_bool(res, i, "parent")) {
        leaves->tree = true;
        return true;
    }
    leaves->rows += pg_int(res, i, "rows");
    if (known) {
        known->relation = relation; /* it may have been renamed */
        known->hung = leaves->afresh ? pg_text(arena, res, i, "hung") : known->hung;
        return true;
    }
    *added = true;
    *ARENA_PUSH(arena, leaves->list, leaves->n) =
        (struct leaf){ .relid = pg_int(res, i, "relid"),
                       .relation = relation,
                       .hung = leaves->afresh ? pg_text(arena, res, i, "hung") : "",
                       .pages = pg_int(res, i, "pages") };
    return true;
}

static bool listed(const PGresult *res, int64_t relid)
{
    for (int i = 0; i < PQntuples(res); i++)
        if (pg_int(res, i, "relid") == relid)
            return true;
    return false;
}

bool leaves_read(struct arena *arena, struct pg *pg, const char *relation, struct leaves *leaves,
                 bool *added, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    *added = false;
    if (!pg_query(pg, &res, sql_size, PG_ARGS(relation), err))
        return false;
    if (PQntuples(res) == 0)
        return err_set(err, ERR_CHECK, "table %s is gone", relation);
    leaves->rows = 0;
    leaves->tree = PQntuples(res) > 1;
    for (int i = 0; i < PQntuples(res); i++)
        if (!take_row(arena, res, i, leaves, added, err))
            return false;
    for (size_t i = 0; i < leaves->n; i++)
        if (!listed(res, leaves->list[i].relid))
            leaves->list[i].done = true;
    leaves->afresh = false;
    leaves->read_at = clock_ms();
    return true;
}

struct leaf *leaves_next(const struct leaves *leaves)
{
    for (size_t i = 0; i < leaves->n; i++)
        if (!leaves->list[i].done)
            return &leaves->list[i];
    return NULL;
}

/* Which those are that a cursor takes for done: another sum, and others are among them. */
static int64_t sum_below(const struct leaves *leaves, int64_t relid)
{
    int64_t sum = 0;

    for (size_t i = 0; i < leaves->n; i++)
        if (leaves->list[i].relid < relid)
            sum += leaves->list[i].relid;
    return sum;
}

const char *leaves_cursor(struct arena *arena, const struct leaves *leaves)
{
    const struct leaf *leaf = NULL;

    for (size_t i = 0; i < leaves->n; i++)
        if (!leaves->list[i].done && (!leaf || leaves->list[i].relid < leaf->relid))
            leaf = &leaves->list[i];
    if (!leaf)
        return "end";
    return arena_printf(arena, "%" PRId64 ":%" PRId64 "/%" PRId64 " %" PRId64, leaf->relid,
                        leaf->skipped ? 0 : leaf->page, leaf->pages,
                        sum_below(leaves, leaf->relid));
}

void leaves_resume(struct leaves *leaves, const char *cursor)
{
    int64_t relid, page, pages, sum;

    for (size_t i = 0; cursor && strcmp(cursor, "end") == 0 && i < leaves->n; i++)
        leaves->list[i].done = true;
    if (!cursor || sscanf(cursor, "%" SCNd64 ":%" SCNd64 "/%" SCNd64 " %" SCNd64, &relid, &page,
                          &pages, &sum) != 4)
        return;
    for (size_t i = 0; i < leaves->n; i++) {
        struct leaf *leaf = &leaves->list[i];

        if (leaf->relid < relid)
            leaf->done = sum == sum_below(leaves, relid);
        else if (leaf->relid == relid) {
            leaf->page = page;
            leaf->pages = pages; /* a resumed sweep ends where the first one meant to end */
        }
    }
}
