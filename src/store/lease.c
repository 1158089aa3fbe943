/*
 * One session works on a run at a time.
 *
 * Two locks with different jobs: the session's advisory lock proves that the
 * backend which worked before is gone; the epoch, counted up under the plan
 * row's lock, refuses whatever a stale process still sends.
 */
#include <string.h>

#include "orchestrate/base/clock.h"
#include "sql_store.h" /* generated from src/sql/store */
#include "store_private.h"

enum {
    POLL_MS = 50,
    ROW_WAIT_MS = 2000, /* for the last transaction of a process that died */
};

static bool try_lock(struct pg *pg, struct arena *arena, const struct run *run, bool *got,
                     struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql_try_lock,
                  PG_ARGS(arg_int(arena, LOCK_CLASS), arg_int(arena, run->id)), err))
        return false;
    *got = pg_bool(res, 0, "got");
    return true;
}

static bool interrupted(const struct run *run, struct err *err)
{
    err_set(err, ERR_INTERRUPTED, "stopped while waiting for the process that works on plan %s",
            run->name);
    err->signal = clock_signal();
    return false;
}

static bool poll_lock(struct pg *pg, struct arena *arena, const struct run *run, int64_t until,
                      bool *got, struct err *err)
{
    for (;;) {
        if (!try_lock(pg, arena, run, got, err))
            return false;
        if (*got || clock_ms() >= until)
            return true;
        if (!clock_sleep(POLL_MS))
            return interrupted(run, err);
    }
}

static bool next_epoch(struct pg *pg, struct arena *arena, struct run *run, int64_t until,
                       struct err *err)
{
    for (;;) {
        CLEANUP(pg_result) PGresult *res = NULL;
        struct err why = { 0 };

        if (pg_query(pg, &res, sql_take, PG_ARGS(arg_int(arena, run->id)), &why)) {
            run->epoch = pg_int(res, 0, "epoch");
            return true;
        }
        if (!sqlstate_is_lock_timeout(why.sqlstate) || clock_ms() >= until) {
            *err = why;
            store_denied(pg, true, err);
            return err_wrap(err, "taking plan %s over", run->name);
        }
        if (!clock_sleep(POLL_MS))
            return interrupted(run, err);
    }
}

static void unlock(struct pg *pg, const struct run *run)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct err ignored;

    /* With the connection goes the lock. */
    if (!pg_lost(pg))
        pg_run(pg, sql_unlock, PG_ARGS(arg_int(&arena, LOCK_CLASS), arg_int(&arena, run->id)),
               &ignored);
}

/* The other one did not make room: it may go on, if it was asked to stop. */
static bool give_up(struct arena *arena, struct pg *pg, const struct run *run, bool asked,
                    struct holder *holder, struct err *err)
{
    return (!asked || store_stop(pg, run, false, err)) &&
           store_holder(arena, pg, run->id, holder, err);
}

bool store_take(struct arena *arena, struct pg *pg, struct run *run, bool stop_first,
                int64_t wait_ms, bool *taken, struct holder *holder, struct err *err)
{
    int64_t until = clock_ms() + wait_ms;
    bool asked = false;

    *taken = false;
    *holder = (struct holder){ 0 };
    if (!try_lock(pg, arena, run, taken, err))
        return false;
    if (!*taken) {
        if (stop_first && !store_stop(pg, run, true, err))
            return false;
        asked = stop_first;
        if (!poll_lock(pg, arena, run, until, taken, err))
            return false;
    }
    if (!*taken)
        return give_up(arena, pg, run, asked, holder, err);
    if (next_epoch(pg, arena, run, clock_ms() + ROW_WAIT_MS, err))
        return true;
    *taken = false;
    unlock(pg, run);
    return false;
}

bool store_keep(struct pg *pg, const struct run *run, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct holder holder;
    bool got = true;

    if (!store_holder(&arena, pg, run->id, &holder, err))
        return false;
    if (holder.pid == pg->pid)
        return true;
    if (!try_lock(pg, &arena, run, &got, err))
        return false;
    return got || err_set(err, ERR_BUSY,
                          "a statement of plan %s gave up the lock of its run "
                          "(pg_advisory_unlock_all?), and another process has it now",
                          run->name);
}

void store_release(struct pg *pg, const struct run *run)
{
    unlock(pg, run);
}

bool store_holder(struct arena *arena, struct pg *pg, int64_t run, struct holder *holder,
                  struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    *holder = (struct holder){ 0 };
    if (!pg_query(pg, &res, sql_holder, PG_ARGS(arg_int(arena, LOCK_CLASS), arg_int(arena, run)),
                  err))
        return false;
    if (PQntuples(res))
        *holder = (struct holder){ .pid = (int)pg_int(res, 0, "pid"),
                                   .user = pg_text(arena, res, 0, "usename"),
                                   .application = pg_text(arena, res, 0, "application"),
                                   .client = pg_text(arena, res, 0, "client"),
                                   .since = pg_text(arena, res, 0, "since") };
    return true;
}
