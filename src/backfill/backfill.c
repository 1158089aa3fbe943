#include "orchestrate/backfill/backfill.h"

#include <stdlib.h>

#include "batch.h"
#include "orchestrate/base/clock.h"
#include "orchestrate/lock/lock.h"
#include "pace.h"
#include "sql_backfill.h"
#include "throttle.h"

enum { CHECKPOINT_MS = 1000, PROGRESS_MS = 1000, PASS_PAUSE_MS = 500 };

struct sweep {
    struct arena *arena;
    struct pg *pg;
    const struct backfill_job *job;
    struct pace pace;
    struct throttle throttle;
    int64_t pages; /* to sweep: the size when the sweep began, after the triggers existed */
    int64_t page;  /* the next one */
    int64_t rows, rows_total, rows_before;
    int tuples_per_page;
    bool as_replica, skipped;
    int64_t stored_at, told_at, began_at;
    struct lock_wait wait; /* for whoever locks the whole table */
};

/* The cursor is "page/pages": a resumed sweep ends where the first one meant to end. */
static void read_cursor(struct sweep *s, const struct checkpoint *cp)
{
    char *end = NULL;

    if (!cp->cursor)
        return;
    s->page = strtoll(cp->cursor, &end, 10);
    if (*end == '/')
        s->pages = strtoll(end + 1, NULL, 10);
    s->rows_before = cp->rows;
}

static bool begin(struct arena *arena, struct sweep *s, struct err *err)
{
    CLEANUP(pg_result) PGresult *size = NULL, *firing = NULL;
    const struct backfill_job *job = s->job;
    struct checkpoint cp;
    double rows_per_page;

    if (!pg_query(s->pg, &size, sql_size, PG_ARGS(job->relation), err))
        return false;
    if (PQntuples(size) == 0)
        return err_set(err, ERR_CHECK, "table %s is gone", job->relation);
    if (!pg_query(s->pg, &firing, sql_firing, PG_ARGS(pg_text(arena, size, 0, "relid")), err) ||
        !store_checkpoint_load(arena, s->pg, job->run, job->undo, job->ord, &cp, err))
        return false;
    s->pages = pg_int(size, 0, "pages");
    s->rows_total = pg_int(size, 0, "rows");
    s->tuples_per_page = (int)pg_int(size, 0, "tuples_per_page");
    /* Without this right the plan was refused, or accepts that they fire. */
    s->as_replica = pg_bool(firing, 0, "firing") && s->pg->replica_role;
    read_cursor(s, &cp);
    rows_per_page = s->pages && s->rows_total ? (double)s->rows_total / (double)s->pages : 50;
    pace_start(&s->pace, job->settings, rows_per_page < 1 ? 1 : rows_per_page);
    s->began_at = clock_ms();
    return true;
}

static void tell(struct sweep *s, const char *why)
{
    int64_t now = clock_ms();
    struct event event = { .kind = EVENT_PROGRESS,
                           .phase = s->job->phase,
                           .step = s->job->step,
                           .text = why,
                           .ms = (double)(now - s->began_at),
                           .lock_ms = -1,
                           .rows = s->rows_before + s->rows };

    if (now - s->told_at < PROGRESS_MS)
        return;
    s->told_at = now;
    event.total = s->rows_total > event.rows ? s->rows_total : event.rows;
    s->job->listener->hear(s->job->listener->context, &event);
}

/* A setting that this engine does not follow is not passed over in silence. */
static void warn_jobs(const struct backfill_job *job)
{
    struct event event = { .kind = EVENT_WARNING,
                           .phase = job->phase,
                           .step = job->step,
                           .text =
                               "`jobs` is more than 1, but this version fills with one connection",
                           .lock_ms = -1 };

    if (job->settings->jobs > 1)
        job->listener->hear(job->listener->context, &event);
}

static bool one_batch(struct sweep *s, struct batch_result *result, double *ms, struct err *err)
{
    char cursor[48];
    struct checkpoint cp = { .cursor = cursor, .total = s->pages };
    struct batch batch = { .from = s->page,
                           .to = s->page + s->pace.pages,
                           .tuples_per_page = s->tuples_per_page,
                           .as_replica = s->as_replica };
    bool store;
    double start = clock_ms_exact();

    if (batch.to > s->pages)
        batch.to = s->pages;
    /* What is skipped must be swept again: then the cursor stays where a new process starts over.
     */
    store = clock_ms() - s->stored_at >= CHECKPOINT_MS && !s->skipped;
    snprintf(cursor, sizeof cursor, "%lld/%lld", (long long)batch.to, (long long)s->pages);
    cp.rows = s->rows_before + s->rows;
    batch.checkpoint = store ? &cp : NULL;
    while (!batch_run(s->pg, s->job, &batch, result, err))
        if (!sqlstate_may_retry(err->sqlstate) || !lock_pause(s->arena, s->pg, &s->wait, err))
            return false;
    s->wait.started = 0; /* the next one is waited for as long */
    *ms = clock_ms_exact() - start;
    if (store)
        s->stored_at = clock_ms();
    s->page = batch.to;
    s->rows += result->rows;
    s->skipped = s->skipped || result->skipped;
    return true;
}

/* Between two batches: rest, or the reason to stop.  *end DONE: go on. */
static bool between(struct sweep *s, const struct batch_result *result, double ms,
                    enum backfill_end *end, struct err *err)
{
    int64_t rest = s->job->fast ? 0 : pace_rest(s->job->settings, ms), wait;
    const char *why;

    if (!throttle_look(s->pg, &s->throttle, s->job->settings, &wait, &why, err))
        return false;
    tell(s, why);
    if (result->stop || result->paused)
        *end = result->stop ? BACKFILL_STOPPED : BACKFILL_PAUSED;
    else if (s->pg->deadline && clock_ms() + rest >= s->pg->deadline)
        *end = BACKFILL_TIME_UP;
    else if (!clock_sleep(rest > wait ? rest : wait)) {
        err_set(err, ERR_INTERRUPTED, "stopped after %lld rows; the same command continues",
                (long long)(s->rows_before + s->rows));
        return err->signal = clock_signal(), false;
    }
    return true;
}

static bool one_pass(struct sweep *s, enum backfill_end *end, struct err *err)
{
    while (s->page < s->pages && *end == BACKFILL_DONE) {
        struct batch_result result;
        double ms = 0;

        if (!one_batch(s, &result, &ms, err))
            return false;
        pace_adapt(&s->pace, s->job->settings, ms);
        if ((s->page < s->pages || s->skipped) && !between(s, &result, ms, end, err))
            return false;
    }
    return true;
}

/* Stops cleanly: what was done since the last checkpoint is not forgotten. */
static bool keep_cursor(struct sweep *s, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct checkpoint cp = { .rows = s->rows_before + s->rows, .total = s->pages };
    bool committed;

    cp.cursor = arena_printf(&arena, "%lld/%lld", (long long)(s->skipped ? 0 : s->page),
                             (long long)s->pages);
    return pg_script(
        s->pg,
        arena_printf(&arena, "BEGIN;\n%s;\n%s;\nCOMMIT;", store_fence_sql(&arena, s->job->run),
                     store_checkpoint_sql(&arena, s->job->run, s->job->undo, s->job->ord, &cp)),
        &committed, NULL, err);
}

bool backfill_run(struct pg *pg, const struct backfill_job *job, enum backfill_end *end,
                  int64_t *rows, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct sweep s = { .arena = &arena,
                       .pg = pg,
                       .job = job,
                       .wait = { .relation = job->relation,
                                 .mode = LOCK_ROW_EXCLUSIVE,
                                 .settings = job->settings,
                                 .listener = job->listener,
                                 .phase = job->phase,
                                 .step = job->step } };
    struct err ignored;
    int64_t deadline = pg->deadline;
    bool ok, again = true;

    *end = BACKFILL_DONE;
    *rows = 0;
    if (!begin(&arena, &s, err))
        return false;
    warn_jobs(job);
    for (ok = true; ok && again;) {
        s.skipped = false;
        ok = one_pass(&s, end, err);
        again = ok && s.skipped && *end == BACKFILL_DONE;
        if (again) {
            s.page = 0;
            clock_sleep(PASS_PAUSE_MS);
        }
    }
    *rows = s.rows;
    pg->deadline = 0; /* this one statement is not to be cut short */
    if (ok && *end != BACKFILL_STOPPED)
        ok = keep_cursor(&s, err);
    else if (!ok && err->code == ERR_INTERRUPTED)
        keep_cursor(&s, &ignored);
    pg->deadline = deadline;
    return ok;
}
