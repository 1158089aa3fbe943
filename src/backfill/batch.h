/*
 * batch.h - one transaction of a backfill, in two halves so that several of them
 * run side by side on connections of their own.
 */
#ifndef ORCHESTRATE_BACKFILL_BATCH_H
#define ORCHESTRATE_BACKFILL_BATCH_H

#include "orchestrate/backfill/backfill.h"
#include "orchestrate/store/store.h"

/* By which a batch ends itself: a row that it has written needs it again. */
#define BATCH_STILL_DUE "OR011"
/* ... and: triggers have come or gone since it was looked which would fire. */
#define BATCH_CHANGED "OR012"

struct batch {
    const char *relation;                /* of the job, or one of its partitions */
    const char *hung;                    /* on it, see leaves.h; NULL: it is not compared */
    int64_t from, to;                    /* pages [from, to) */
    int tuples_per_page;                 /* before 14, where ctid ranges are not indexable */
    bool as_replica;                     /* users' triggers do not fire */
    const struct checkpoint *checkpoint; /* stored with it; NULL: not this time */
};

struct batch_result {
    int64_t rows;
    bool stop, paused; /* somebody asked for it */
    bool skipped;      /* rows were locked: a later pass has to come back */
};

bool batch_send(struct pg *pg, const struct backfill_job *job, const struct batch *batch,
                struct err *err);

/*
 * Waits for the answer.  Where a row is locked, the rest of the batch is written by a
 * second transaction; the checkpoint is not stored then.
 */
bool batch_finish(struct pg *pg, const struct backfill_job *job, const struct batch *batch,
                  struct batch_result *result, struct err *err);

/* Both. */
bool batch_run(struct pg *pg, const struct backfill_job *job, const struct batch *batch,
               struct batch_result *result, struct err *err);

#endif
