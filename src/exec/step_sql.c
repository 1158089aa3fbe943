/*
 * A step of the plan's own statements: sent one by one, in one transaction with
 * their record, with the search_path that was recorded at the start.
 *
 * Each is a message of the extended protocol, which takes one statement only: what
 * the parser took for one cannot turn out to be two.  None may end the transaction;
 * a lock that is not granted in time rolls it back, and all is tried again.
 */
#include <string.h>

#include "orchestrate/base/clock.h"
#include "orchestrate/base/fault.h"
#include "orchestrate/base/json_read.h"
#include "orchestrate/base/text.h"
#include "work.h"

enum { PAUSE_MS = 1000, SHOWN = 60 };

/* Records first: a stale epoch fails here, before anything is done. */
static bool begin(struct step_work *sw, struct err *err)
{
    struct work *w = sw->work;
    struct buf out = BUF_IN(w->arena);
    const struct settings *s = &w->run->settings;

    buf_add(&out, buf_text(&sw->before.sql));
    buf_add(&out, buf_text(&sw->after.sql));
    buf_addf(&out, "SET LOCAL lock_timeout = %lld;\nSET LOCAL statement_timeout = %lld;\n",
             (long long)s->lock_timeout, (long long)s->statement_timeout);
    if (sw->step->role)
        buf_addf(&out, "SET LOCAL ROLE %s;\n", pg_ident(w->arena, sw->step->role));
    buf_addf(&out, "SELECT pg_catalog.set_config('search_path', %s, true);\n",
             pg_literal(w->arena, w->run->search_path));
    return pg_script(w->pg, buf_text(&out), NULL, NULL, err);
}

/*
 * What is deferred is done now, as whoever did the rest; then nothing that was set for
 * the session, by set_config() say, may reach our own statements, or the next step.
 */
static bool finish(struct step_work *sw, struct err *err)
{
    if (!pg_run(sw->work->pg, "SET CONSTRAINTS ALL IMMEDIATE", PG_NO_ARGS, err))
        return err_wrap(err, "what was deferred to the end of the step");
    return work_own_words_over(sw->work, err);
}

/* Its beginning, on one line; never half a letter. */
static const char *shown(struct arena *arena, const char *statement)
{
    struct buf out = BUF_IN(arena);

    for (; *statement && (out.len < SHOWN || (*statement & 0xC0) == 0x80); statement++)
        buf_addn(&out, strchr("\n\t\r", *statement) ? " " : statement, 1);
    return buf_text(&out);
}

static bool send(struct step_work *sw, struct err *err)
{
    struct arena *arena = sw->work->arena;
    struct pg *pg = sw->work->pg;
    const char *at = sw->step->parts, *part;
    int n = 0;

    while (at && json_item(arena, &at, &part)) {
        n++;
        fault_point("sql_part");
        if (!pg_run(pg, part, PG_NO_ARGS, err)) {
            err->statement = n;
            return err_wrap(err, "statement %d (%s)%s", n, shown(arena, part),
                            text_line_column(arena, part, err->position));
        }
        if (PQtransactionStatus(pg->conn) != PQTRANS_INTRANS)
            return err_set(err, ERR_FAILED, "statement %d (%s) ended the transaction of its step",
                           n, shown(arena, part));
    }
    return true;
}

static bool try(struct step_work *sw, struct err *err)
{
    CLEANUP(pg_tx) struct pg_tx tx = { 0 };
    struct pg *pg = sw->work->pg;
    bool ok;

    /* Nothing is lost when a signal cancels it. */
    pg->cancel_on_first = true;
    ok = pg_begin(pg, &tx, err) && begin(sw, err) && send(sw, err) && finish(sw, err);
    pg->cancel_on_first = false;
    fault_point("sql");
    if (!ok || !work_commit(sw->work, "COMMIT;", NULL, err))
        return false;
    tx.pg = NULL;
    return true;
}

bool work_wait_again(struct step_work *sw, int64_t began, struct err *err)
{
    struct work *w = sw->work;
    struct err cause = *err;
    bool late = w->pg->deadline && clock_ms() > w->pg->deadline;

    if (clock_ms() - began >= w->run->settings.lock_retry_for) {
        err_set(err, ERR_BUSY, "%s; tried for %s, %s", cause.text,
                text_from_duration(w->arena, w->run->settings.lock_retry_for), work_so_far(sw));
        return err_hint(err, "Try again later, or see in pg_locks who holds what it needs.");
    }
    work_tell(w, (struct event){ .kind = EVENT_LOCK_WAIT,
                                 .phase = sw->phase->name,
                                 .step = sw->step->id,
                                 .text = cause.text,
                                 .tries = sw->tries,
                                 .ms = (double)(clock_ms() - began) });
    if (late || !clock_sleep(PAUSE_MS)) {
        err_set(err, ERR_INTERRUPTED, "%s while waiting for a lock",
                late ? "time is up" : "stopped");
        return err->signal = late ? 0 : clock_signal(), false;
    }
    return work_go_on(w, err) || w->stopped;
}

bool step_sql(struct step_work *sw, struct err *err)
{
    int64_t began = clock_ms();

    for (sw->tries = 1; !try(sw, err); sw->tries++) {
        if (!sqlstate_may_retry(err->sqlstate) || pg_lost(sw->work->pg) ||
            !work_wait_again(sw, began, err))
            return false;
        if (sw->work->stopped)
            return true;
    }
    moves_done(&sw->after);
    fault_point("sql_done");
    return true;
}
