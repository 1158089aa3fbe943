/*
 * Events, and the flags that a person sets while a run is under way.
 */
#include "sql_store.h" /* generated from src/sql/store */
#include "store_private.h"

bool store_event(struct pg *pg, const struct run *run, const char *kind, const char *phase,
                 const char *step, const char *detail, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };

    return pg_run(pg, sql_event, PG_ARGS(arg_int(&arena, run->id), kind, phase, step, detail),
                  err) ||
           store_denied(pg, true, err);
}

bool store_pause(struct pg *pg, const struct run *run, bool pause, const char *because,
                 struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };

    return pg_run(pg, sql_pause, PG_ARGS(arg_int(&arena, run->id), arg_bool(pause), because),
                  err) ||
           store_denied(pg, true, err);
}

bool store_stop(struct pg *pg, const struct run *run, bool stop, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };

    return pg_run(pg, sql_stop, PG_ARGS(arg_int(&arena, run->id), arg_bool(stop)), err) ||
           store_denied(pg, true, err);
}
