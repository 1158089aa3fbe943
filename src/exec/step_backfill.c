/*
 * A step of many short transactions; see backfill/backfill.h.
 */
#include "orchestrate/backfill/backfill.h"
#include "work.h"

static bool stopped(struct work *w, enum backfill_end end, struct err *err)
{
    if (end == BACKFILL_STOPPED)
        return err_set(err, ERR_BUSY, "another process takes plan %s over", w->run->name);
    w->stopped = true;
    w->result->outcome = end == BACKFILL_PAUSED ? OUT_PAUSED : OUT_IN_PROGRESS;
    return true;
}

bool step_backfill(struct step_work *sw, struct err *err)
{
    struct work *w = sw->work;
    struct backfill_job job = { .run = w->run,
                                .undo = w->undo,
                                .ord = sw->ord,
                                .phase = sw->phase->name,
                                .step = sw->step->id,
                                .relation = sw->step->relation,
                                .set = sw->step->sql,
                                .guard = sw->step->guard,
                                .done = sw->step->done && *sw->step->done ? sw->step->done : NULL,
                                .role = sw->step->role,
                                .fast = w->options->fast,
                                .listener = &w->options->listener };
    enum backfill_end end;

    if (!moves_commit(&sw->before, err) || !backfill_run(w->pg, &job, &end, &sw->rows, err))
        return false;
    if (end != BACKFILL_DONE)
        return stopped(w, end, err);
    /* A synchronous commit: it flushes what the batches committed without waiting. */
    return moves_commit(&sw->after, err);
}
