/*
 * Which steps are done, and what was attempted.
 */
#include "sql_store.h" /* generated from src/sql/store */
#include "store_private.h"

/* Between two undos the run stands in the phase undone last; the next one is the phase before. */
static int phase_meant(const struct run *run)
{
    return run->phase_state == PHASE_UNDONE ? run->phase - 1 : run->phase;
}

/* The column `ord` of the rows, as marks. */
static void mark(const PGresult *res, bool *marks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        marks[i] = false;
    for (int i = 0; i < PQntuples(res); i++) {
        int64_t ord = pg_int(res, i, "ord");

        if (ord >= 0 && (size_t)ord < n)
            marks[ord] = true;
    }
}

bool store_steps_done(struct pg *pg, const struct run *run, bool undo, bool *done, size_t n,
                      struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(
            pg, &res, sql_steps_done,
            PG_ARGS(arg_int(&arena, run->id), arg_int(&arena, phase_meant(run)), arg_bool(undo)),
            err))
        return false;
    mark(res, done, n);
    return true;
}

bool store_steps_attempted(struct pg *pg, const struct run *run, bool *attempted, size_t n,
                           struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql_steps_attempted,
                  PG_ARGS(arg_int(&arena, run->id), arg_int(&arena, phase_meant(run))), err))
        return false;
    mark(res, attempted, n);
    return true;
}

bool store_past_return(struct pg *pg, const struct run *run, int phase, bool *past, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_result) PGresult *res = NULL;

    *past = run->program.phases[phase].undo == UNDO_NEVER;
    if (!*past)
        return true;
    if (!pg_query(pg, &res, sql_past_return,
                  PG_ARGS(arg_int(&arena, run->id), arg_int(&arena, phase)), err))
        return store_denied(pg, false, err);
    *past = pg_bool(res, 0, "past");
    return true;
}

bool store_attempt(struct pg *pg, const struct run *run, bool undo, size_t ord, const char *attempt,
                   struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };

    return pg_run(pg, sql_attempt,
                  PG_ARGS(arg_int(&arena, run->id), attempt, arg_int(&arena, run->phase),
                          arg_bool(undo), arg_int(&arena, (int64_t)ord),
                          arg_int(&arena, run->epoch), *pg->system_id ? pg->system_id : NULL),
                  err);
}

bool store_attempted(struct pg *pg, const struct run *run, bool undo, size_t ord, bool *attempted,
                     struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql_attempted,
                  PG_ARGS(arg_int(&arena, run->id), arg_int(&arena, run->phase), arg_bool(undo),
                          arg_int(&arena, (int64_t)ord)),
                  err))
        return false;
    *attempted = pg_bool(res, 0, "attempted");
    return true;
}

bool store_attempt_recorded(struct pg *pg, const struct run *run, const char *attempt,
                            bool *recorded, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_tx) struct pg_tx tx = { 0 };
    CLEANUP(pg_result) PGresult *res = NULL;
    const char *id = arg_int(&arena, run->id);

    /* The lock of the plan row is the wait for a transaction that is still committing. */
    if (!pg_begin(pg, &tx, err) || !pg_run(pg, "SET LOCAL lock_timeout = '60s'", PG_NO_ARGS, err) ||
        !pg_run(pg, sql_plan_lock, PG_ARGS(id), err) ||
        !pg_query(pg, &res, sql_attempt_recorded, PG_ARGS(id, attempt), err) ||
        !pg_commit(&tx, err))
        return err_wrap(err, "looking whether the last transaction was committed");
    *recorded = pg_bool(res, 0, "recorded");
    return true;
}

bool store_checkpoint_load(struct arena *arena, struct pg *pg, const struct run *run, bool undo,
                           size_t ord, struct checkpoint *cp, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    *cp = (struct checkpoint){ 0 };
    if (!pg_query(pg, &res, sql_checkpoint_load,
                  PG_ARGS(arg_int(arena, run->id), arg_int(arena, run->phase), arg_bool(undo),
                          arg_int(arena, (int64_t)ord)),
                  err))
        return false;
    if (PQntuples(res))
        *cp = (struct checkpoint){ .cursor = pg_text(arena, res, 0, "cursor"),
                                   .rows = pg_int(res, 0, "rows"),
                                   .total = pg_int(res, 0, "total") };
    return true;
}
