/*
 * A connection that is lost while a COMMIT is under way: did it happen?
 *
 * Only the database knows.  So: connect again, make sure that it is the same
 * server with the same past, wait for the plan's row (a transaction of the dead
 * session may still be committing), and look for the record of the attempt.
 */
#include <string.h>

#include "orchestrate/base/clock.h"
#include "work.h"

enum {
    GIVE_UP_MS = 15000, /* a server that restarts is back by then; else the same command is */
    PAUSE_MS = 500,
    LOCK_MS = 5000, /* for the server to notice that the old session is gone */
};

static bool connect_again(struct work *w, struct err *err)
{
    int64_t end = clock_ms() + GIVE_UP_MS;

    for (;;) {
        if (pg_reconnect(w->arena, w->pg, err))
            return true;
        if (err->code != ERR_UNREACHABLE || clock_ms() > end || !clock_sleep(PAUSE_MS))
            return false;
    }
}

/* After a failover or a restore the record may be missing although the COMMIT had happened. */
static bool same_past(const struct work *w, const struct pg *before, struct err *err)
{
    const struct pg *now = w->pg;

    if (strcmp(before->system_id, now->system_id) == 0 &&
        strcmp(before->timeline, now->timeline) == 0)
        return true;
    err_set(err, ERR_UNREACHABLE,
            "the connection was lost, and what answers now is another server (timeline %s, it was "
            "%s): what was committed last may be missing there",
            now->timeline, before->timeline);
    return err_hint(err, "See what it has: orchestrate verify %s; then the same command again.",
                    w->run->name);
}

/* The run as it is recorded; it is ours again, unless somebody was faster. */
static bool look(struct step_work *sw, bool *recorded, struct err *err)
{
    struct work *w = sw->work;
    int64_t epoch = w->run->epoch;
    bool any, taken, *done = arena_alloc(w->arena, sw->ord + 1);

    if (!store_attempt_recorded(w->pg, w->run, w->attempt, &any, err))
        return false;
    if (!store_take(w->arena, w->pg, w->run, false, LOCK_MS, &taken, &w->result->holder, err))
        return false;
    if (!taken || w->run->epoch != epoch + 1)
        return err_set(err, ERR_BUSY, "another process has taken plan %s over", w->run->name);
    if (!store_refresh(w->arena, w->pg, w->run, err))
        return false;
    *recorded = any && w->run->seq == sw->after.shadow.seq;
    if (!*recorded || sw->after.shadow.seq != sw->before.shadow.seq)
        return true;
    /* No move came with it: then its own record tells. */
    if (!store_steps_done(w->pg, w->run, w->undo, done, sw->ord + 1, err))
        return false;
    *recorded = done[sw->ord];
    return true;
}

bool doubt_resolve(struct step_work *sw, struct err *err)
{
    struct work *w = sw->work;
    struct pg before = *w->pg; /* its texts outlive the connection */
    struct err lost = *err, why;
    bool recorded = false;

    if (clock_signal() || !connect_again(w, &why))
        return false;
    if (!same_past(w, &before, err) || !look(sw, &recorded, err))
        return false;
    *err = recorded ? (struct err){ 0 } : lost;
    if (!recorded)
        return err_hint(err, "It was asked again: this step is not recorded. The same command "
                             "continues.");
    work_tell(w, (struct event){ .kind = EVENT_WARNING,
                                 .phase = sw->phase->name,
                                 .step = sw->step->id,
                                 .text = "the connection was lost during the COMMIT; asked again, "
                                         "the server has recorded it" });
    return true;
}
