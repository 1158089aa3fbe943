/*
 * A step that shares one transaction with its record, and one message with its
 * lock: nothing of ours happens between LOCK and COMMIT but what is needed.
 *
 * Commits under a strong lock do not wait for the disk or for standbys; the
 * event that phase.c stores afterwards is a synchronous commit, and flushes
 * them too before anything is reported.
 */
#include "orchestrate/base/fault.h"
#include "work.h"

void step_lock_taken(struct buf *out)
{
    buf_add(out, "SELECT pg_catalog.set_config('orchestrate.locked_at',"
                 " extract(epoch FROM pg_catalog.clock_timestamp())::text, false);\n");
}

void step_lock_given_back(struct buf *out)
{
    buf_add(out, "SELECT (extract(epoch FROM pg_catalog.clock_timestamp())::pg_catalog.float8 -"
                 " pg_catalog.current_setting('orchestrate.locked_at')::pg_catalog.float8)"
                 " * 1000 AS held_ms;");
}

static const char *message(struct step_work *sw, const char *lock)
{
    struct arena *arena = sw->work->arena;
    const struct step *step = sw->step;
    struct buf out = BUF_IN(arena);
    bool strong = lock_mode_is_strong(step->lock);

    buf_add(&out, "BEGIN;\n");
    if (strong)
        buf_add(&out, "SET LOCAL synchronous_commit = off;\n");
    /* The records come first: a stale epoch fails here, before anybody is locked out. */
    buf_add(&out, buf_text(&sw->before.sql));
    buf_add(&out, buf_text(&sw->after.sql));
    if (step->role)
        buf_addf(&out, "SET LOCAL ROLE %s;\n", pg_ident(arena, step->role));
    if (step->prepare)
        buf_addf(&out, "%s\n", step->prepare);
    buf_addf(&out, "%s\n", lock);
    if (strong)
        step_lock_taken(&out);
    buf_addf(&out, "%s\nSET LOCAL ROLE NONE;\nCOMMIT;\n", step->sql);
    if (strong)
        step_lock_given_back(&out);
    return buf_text(&out);
}

bool work_go_on(void *context, struct err *err)
{
    struct work *w = context;

    if (!store_control(w->pg, w->run, &w->control, err))
        return false;
    if (w->control.stop)
        return err_set(err, ERR_BUSY, "another process takes plan %s over", w->run->name);
    if (!w->control.paused || w->undo)
        return true;
    w->stopped = true;
    w->result->outcome = OUT_PAUSED;
    return err_set(err, ERR_BUSY, "plan %s was paused", w->run->name);
}

bool step_ddl(struct step_work *sw, struct err *err)
{
    struct work *w = sw->work;
    struct lock_wait wait = { .relation = sw->step->relation,
                              .mode = sw->step->lock,
                              .settings = &w->run->settings,
                              .listener = &w->options->listener,
                              .phase = sw->phase->name,
                              .step = sw->step->id,
                              .so_far = work_so_far(sw),
                              .go_on = work_go_on,
                              .context = w };

    for (;;) {
        CLEANUP(pg_result) PGresult *held = NULL;
        const char *lock;

        if (!lock_try(w->arena, w->pg, &wait, &lock, err))
            return w->stopped;
        fault_point("ddl");
        sw->tries = wait.tries;
        if (work_commit(w, message(sw, lock), &held, err)) {
            sw->lock_ms = lock_mode_is_strong(sw->step->lock) ? pg_float(held, 0, "held_ms") : -1;
            moves_done(&sw->after);
            fault_point("ddl_done");
            return true;
        }
        if (!lock_may_retry(&wait, err))
            return false;
    }
}
