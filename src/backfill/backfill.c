#include "orchestrate/backfill/backfill.h"

#include <string.h>

#include "left.h"
#include "orchestrate/base/clock.h"
#include "sql_backfill.h"
#include "words.h"

enum { PROGRESS_MS = 1000, PASS_PAUSE_MS = 500, LIST_MS = 5000, LOOK_MS = 500 };

/* Small batches at first, by what the planner's statistics say of this table. */
static double rows_per_page(const struct leaves *leaves)
{
    int64_t pages = 0;
    double rows;

    for (size_t i = 0; i < leaves->n; i++)
        pages += leaves->list[i].pages;
    rows = pages && leaves->rows ? (double)leaves->rows / (double)pages : 50;
    return rows < 1 ? 1 : rows;
}

static bool look_at_triggers(struct sweep *s, struct err *err)
{
    CLEANUP(pg_result) PGresult *firing = NULL;

    if (!pg_query(s->pg, &firing, sql_firing, PG_ARGS(s->job->relation), err))
        return false;
    /* Without this right the plan was refused, or accepts that they fire. */
    s->as_replica = pg_bool(firing, 0, "firing") && s->pg->replica_role;
    return true;
}

static bool begin(struct arena *arena, struct sweep *s, struct err *err)
{
    const struct backfill_job *job = &s->own;
    struct checkpoint cp;
    bool added;

    s->leaves.afresh = true;
    if (!leaves_read(arena, s->pg, job->relation, &s->leaves, &added, err) ||
        !(job->words ? words_look(arena, s->pg, &s->own, &s->as_replica, err)
                     : look_at_triggers(s, err)) ||
        !store_checkpoint_load(arena, s->pg, job->run, job->undo, job->ord, &cp, err))
        return false;
    leaves_resume(&s->leaves, cp.cursor);
    s->rows_before = cp.cursor ? cp.rows : 0;
    pace_start(&s->pace, &job->run->settings, rows_per_page(&s->leaves));
    s->began_at = clock_ms();
    return true;
}

/* What somebody locks who alters the table is waited for as in the midst of it. */
static bool begin_when_free(struct arena *arena, struct sweep *s, struct err *err)
{
    while (!begin(arena, s, err)) {
        if (!sqlstate_may_retry(err->sqlstate) || !lock_pause(arena, s->pg, &s->wait, err))
            return false;
        s->leaves.n = 0;
    }
    s->wait.started = 0;
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
    event.total = s->leaves.rows > event.rows ? s->leaves.rows : event.rows;
    s->job->listener->hear(s->job->listener->context, &event);
}

void sweep_warn(const struct sweep *s, const char *text)
{
    struct event event = { .kind = EVENT_WARNING,
                           .phase = s->job->phase,
                           .step = s->job->step,
                           .text = text,
                           .lock_ms = -1 };

    s->job->listener->hear(s->job->listener->context, &event);
}

/* As many connections as `jobs` says by now. */
static void fit_hands(struct sweep *s)
{
    const char *why;

    if (hands_lost(&s->hands))
        sweep_warn(s, "a connection of those that `jobs` asks for was lost; it goes on without");
    hands_fit(s->arena, s->pg, &s->hands, s->job->run->settings.jobs, &why);
    if (why)
        sweep_warn(s, why);
}

/* A pause holds what goes forward; who undoes has paused the run himself, perhaps. */
static void leave(const struct sweep *s, bool stop, bool paused, enum backfill_end *end)
{
    if (stop || (paused && !s->job->undo))
        *end = stop ? BACKFILL_STOPPED : BACKFILL_PAUSED;
}

/* For struct lock_wait: somebody may have paused the run, or want it. */
static bool go_on(void *context, struct err *err)
{
    struct sweep *s = context;
    struct control control = s->control; /* what is changed, obey() has to see */

    if (!store_control(s->pg, s->job->run, &control, err))
        return false;
    leave(s, control.stop, control.paused, &s->halted);
    return s->halted == BACKFILL_DONE ||
           err_set(err, ERR_BUSY, "plan %s is to be left alone", s->job->run->name);
}

/* It failed because it was not to go on, which is an end like another. */
static bool was_halted(const struct sweep *s, enum backfill_end *end, struct err *err)
{
    if (s->halted == BACKFILL_DONE)
        return false;
    *err = (struct err){ 0 };
    *end = s->halted;
    return true;
}

/* Whoever set another duty meanwhile means it, --fast or not. */
static bool obey(struct sweep *s, enum backfill_end *end, struct err *err)
{
    struct run *run = s->job->run;
    int64_t duty = run->settings.duty;
    bool first = !s->looked_at;

    if (clock_ms() - s->looked_at < LOOK_MS)
        return true;
    s->looked_at = clock_ms();
    if (!store_control(s->pg, run, &s->control, err))
        return false;
    if (s->control.changed && !first) {
        s->fast = s->fast && run->settings.duty == duty;
        pace_start(&s->pace, &run->settings, rows_per_page(&s->leaves));
    }
    leave(s, s->control.stop, s->control.paused, end);
    return true;
}

/* ms: what the batch took.  A rest of many seconds ends when somebody makes it shorter. */
static bool rest(struct sweep *s, double ms, int64_t wait, enum backfill_end *end, struct err *err)
{
    int64_t began = clock_ms();

    for (;;) {
        int64_t most, left;

        if (!obey(s, end, err))
            return false;
        most = s->fast ? 0 : pace_rest(&s->job->run->settings, ms);
        left = began + (most > wait ? most : wait) - clock_ms();
        if (s->pg->deadline && clock_ms() + left >= s->pg->deadline)
            *end = BACKFILL_TIME_UP;
        if (*end != BACKFILL_DONE || (left <= 0 && !clock_signal()))
            return true;
        if (!clock_sleep(left < LOOK_MS ? left : LOOK_MS)) {
            err_set(err, ERR_INTERRUPTED, "stopped after %lld rows; the same command continues",
                    (long long)(s->rows_before + s->rows));
            return err->signal = clock_signal(), false;
        }
    }
}

/* Between two batches: rest, or the reason to stop.  *end DONE: go on. */
static bool between(struct sweep *s, const struct batch_result *result, double ms,
                    enum backfill_end *end, struct err *err)
{
    int64_t wait;
    const char *why;

    if (!throttle_look(s->pg, &s->throttle, &s->job->run->settings, &wait, &why, err))
        return false;
    tell(s, why);
    leave(s, result->stop, result->paused, end);
    return *end != BACKFILL_DONE || rest(s, ms, wait, end, err);
}

bool sweep_list(struct sweep *s, bool *added, struct err *err)
{
    while (!leaves_read(s->arena, s->pg, s->job->relation, &s->leaves, added, err))
        if (!sqlstate_may_retry(err->sqlstate) || !lock_pause(s->arena, s->pg, &s->wait, err))
            return false;
    s->wait.started = 0;
    return true;
}

/*
 * The tree is looked at again now and then: a partition that was detached is left alone.  One
 * that somebody has locked can be looked at later.
 */
static bool look_again(struct sweep *s, struct err *err)
{
    bool added;

    if (!s->leaves.tree || clock_ms() - s->leaves.read_at < LIST_MS ||
        leaves_read(s->arena, s->pg, s->job->relation, &s->leaves, &added, err))
        return true;
    if (!sqlstate_is_lock_timeout(err->sqlstate))
        return false;
    s->leaves.read_at = clock_ms();
    *err = (struct err){ 0 };
    return true;
}

static bool one_pass(struct sweep *s, struct leaf *leaf, enum backfill_end *end, struct err *err)
{
    size_t at = (size_t)(leaf - s->leaves.list); /* the list may move when it grows */

    while (*end == BACKFILL_DONE) {
        struct batch_result result;
        double ms = 0;

        leaf = &s->leaves.list[at];
        if (leaf->done || leaf->page >= leaf->pages)
            break;
        fit_hands(s);
        if (!group_run(s, at, &result, &ms, err))
            return false;
        pace_adapt(&s->pace, &s->job->run->settings, ms);
        if (!look_again(s, err))
            return false;
        leaf = &s->leaves.list[at];
        leaf->done = leaf->done || (leaf->page >= leaf->pages && !leaf->skipped);
        if (leaves_next(&s->leaves) && !between(s, &result, ms, end, err))
            return false;
    }
    leaf = &s->leaves.list[at];
    leaf->done = leaf->done || (leaf->page >= leaf->pages && !leaf->skipped);
    return true;
}

/* *yes: no row needs the backfill any more, as far as that has to be asked. */
static bool is_filled(struct sweep *s, bool *yes, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_result) PGresult *res = NULL;

    *yes = true;
    if (!s->job->done)
        return true;
    if (!left_ask(&arena, s, s->job->done, &res, err))
        return false;
    *yes = pg_bool(res, 0, "done");
    return true;
}

/* Rows have moved behind the cursor: all over again, to what is the end by now. */
static bool begin_again(struct sweep *s, struct err *err)
{
    bool added;

    s->leaves.n = 0;
    return sweep_list(s, &added, err);
}

/* All is done: is nothing left?  Else what has to be gone over again is not done any more. */
static bool look_back(struct sweep *s, bool *filled, struct err *err)
{
    if (s->job->words)
        return left_look(s, filled, err);
    return is_filled(s, filled, err) && (*filled || begin_again(s, err));
}

/* One pass over all that is not done; then again over where rows were locked. */
static bool sweep(struct sweep *s, enum backfill_end *end, struct err *err)
{
    while (*end == BACKFILL_DONE) {
        bool added = false, filled;

        for (size_t i = 0; i < s->leaves.n && *end == BACKFILL_DONE; i++)
            if (!s->leaves.list[i].done && !one_pass(s, &s->leaves.list[i], end, err))
                return false;
        if (*end != BACKFILL_DONE)
            return true;
        if (s->leaves.tree && !sweep_list(s, &added, err))
            return false;
        for (size_t i = 0; i < s->leaves.n; i++)
            if (!s->leaves.list[i].done) {
                s->leaves.list[i].page = 0;
                s->leaves.list[i].skipped = false;
            }
        if (!leaves_next(&s->leaves)) {
            if (!look_back(s, &filled, err))
                return false;
            if (filled)
                return true;
        }
        if (!added)
            clock_sleep(PASS_PAUSE_MS);
    }
    return true;
}

/* What was done since the last checkpoint is not forgotten. */
static bool keep_cursor(struct sweep *s, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    const struct leaf *next = leaves_next(&s->leaves);
    struct checkpoint cp = { .cursor = leaves_cursor(&arena, &s->leaves),
                             .rows = s->rows_before + s->rows,
                             .total = next ? next->pages : 0 };
    bool committed;

    return pg_script(
        s->pg,
        arena_printf(&arena, "BEGIN;\n%s;\n%s;\nCOMMIT;", store_fence_sql(&arena, s->job->run),
                     store_checkpoint_sql(&arena, s->job->run, s->job->undo, s->job->ord, &cp)),
        &committed, NULL, err);
}

/* A table without a page is filled, but not by words that are wrong: the server reads them. */
static bool read_words(struct sweep *s, struct err *err)
{
    const struct batch nothing = { .relation = s->job->relation, .as_replica = s->as_replica };
    struct batch_result result;
    struct err said = { 0 };

    for (size_t i = 0; i < s->leaves.n; i++)
        if (s->leaves.list[i].pages > 0)
            return true;
    if (!s->job->words || batch_run(s->pg, s->job, &nothing, &result, &said) ||
        sqlstate_may_retry(said.sqlstate))
        return true;
    *err = said;
    return false;
}

bool backfill_run(struct pg *pg, const struct backfill_job *job, enum backfill_end *end,
                  int64_t *rows, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct sweep s = { .arena = &arena,
                       .pg = pg,
                       .own = *job,
                       .job = &s.own,
                       .fast = job->fast,
                       .wait = { .relation = job->relation,
                                 .mode = LOCK_ROW_EXCLUSIVE,
                                 .settings = &job->run->settings,
                                 .listener = job->listener,
                                 .phase = job->phase,
                                 .step = job->step,
                                 .so_far = "the rows that are filled stay so",
                                 .go_on = go_on } };
    struct err ignored;
    int64_t deadline = pg->deadline;
    bool ok;

    *end = BACKFILL_DONE;
    *rows = 0;
    s.wait.context = &s;
    if (!begin_when_free(&arena, &s, err))
        return was_halted(&s, end, err);
    ok = (read_words(&s, err) && sweep(&s, end, err)) || was_halted(&s, end, err);
    hands_cleanup(&s.hands);
    *rows = s.rows_before + s.rows;
    pg->deadline = 0; /* this one statement is not to be cut short */
    if (ok && *end != BACKFILL_STOPPED)
        ok = keep_cursor(&s, err);
    else if (!ok && !pg_lost(pg))
        keep_cursor(&s, &ignored);
    pg->deadline = deadline;
    return ok;
}
