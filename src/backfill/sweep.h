/*
 * sweep.h - a backfill under way, and its smallest unit of work.
 */
#ifndef ORCHESTRATE_BACKFILL_SWEEP_H
#define ORCHESTRATE_BACKFILL_SWEEP_H

#include "hands.h"
#include "leaves.h"
#include "orchestrate/lock/lock.h"
#include "pace.h"
#include "throttle.h"

/* A row that needed it when all was gone over; ctid NULL: there was none yet. */
struct left {
    const char *relation, *ctid, *xmin;
    int passes; /* that were made because of such rows */
};

struct sweep {
    struct arena *arena;
    struct pg *pg;
    struct backfill_job own; /* with what was found out about the table */
    const struct backfill_job *job;
    struct pace pace;
    struct throttle throttle;
    struct leaves leaves;
    struct hands hands;
    int64_t rows, rows_before;
    bool as_replica, fast;
    struct control control;
    int64_t looked_at; /* at what a person may have changed */
    int64_t stored_at, told_at, began_at;
    struct left left;
    struct lock_wait wait;    /* for whoever locks the whole table */
    enum backfill_end halted; /* while that was waited for; DONE: it was not */
};

/*
 * The next pages of leaf number `at`: a batch for each of the hands, all at the same
 * time.  *ms: how long that took.  Now and then the cursor is stored with it.
 */
bool group_run(struct sweep *s, size_t at, struct batch_result *result, double *ms,
               struct err *err);

/* leaves_read; somebody who has locked one of the tables is waited for. */
bool sweep_list(struct sweep *s, bool *added, struct err *err);

/* Tells the listener. */
void sweep_warn(const struct sweep *s, const char *text);

#endif
