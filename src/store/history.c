/*
 * The record, and whether somebody has meddled with it.
 */
#include "sql_store.h" /* generated from src/sql/store */
#include "store_private.h"

bool store_history(struct arena *arena, struct pg *pg, int64_t run, struct history_row **rows,
                   size_t *n, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    *rows = NULL;
    *n = 0;
    if (!pg_query(pg, &res, sql_history, PG_ARGS(arg_int(arena, run)), err))
        return false;
    for (int i = 0; i < PQntuples(res); i++) {
        struct history_row *row = ARENA_PUSH(arena, *rows, *n);

        *row = (struct history_row){ .seq = pg_int(res, i, "seq"),
                                     .at = pg_text(arena, res, i, "at"),
                                     .phase = pg_text(arena, res, i, "phase"),
                                     .from = pg_text(arena, res, i, "from_state"),
                                     .to = pg_text(arena, res, i, "to_state"),
                                     .actor = pg_text(arena, res, i, "actor"),
                                     .kind = pg_text(arena, res, i, "kind"),
                                     .step = pg_text(arena, res, i, "step"),
                                     .detail = pg_text(arena, res, i, "detail"),
                                     .hash = pg_text(arena, res, i, "hash") };
        if (!row->hash)
            row->seq = -1;
    }
    return true;
}

bool store_history_check(struct pg *pg, int64_t run, int64_t *bad, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql_history_check, PG_ARGS(arg_int(&arena, run)), err))
        return false;
    *bad = PQgetisnull(res, 0, 0) ? -1 : pg_int(res, 0, "bad");
    return true;
}
