/*
 * backfill.h - filling a column of a table that is in use.
 *
 * Many short transactions, each over a range of pages, each with a guard that
 * skips rows which are right already.  That is safe whatever moves in between,
 * as long as a trigger keeps every row right that is written meanwhile: a row
 * that leaves the range ahead was written, hence is right.  Where the triggers do
 * not do that, `done` has to be asked, and decides whether there is another pass.
 * The cursor commits
 * together with the batch, so that a killed backfill continues where it was; its
 * text is known to this layer only.
 *
 * The table may be partitioned.  Then each partition that holds rows is swept by
 * itself, also one that is attached meanwhile; one that is detached or dropped is
 * left alone, a foreign table among them is an error.
 *
 * With `jobs` above 1 as many connections, made as `pg` was, each write a range of
 * their own at the same time.  They share locks on the plan row, which uses up a
 * multixact for each further one in each round.
 */
#ifndef ORCHESTRATE_BACKFILL_BACKFILL_H
#define ORCHESTRATE_BACKFILL_BACKFILL_H

#include "orchestrate/base/arena.h"
#include "orchestrate/pg/pg.h"
#include "orchestrate/state/event.h"
#include "orchestrate/state/run.h"

/* What `words` are called. */
#define BACKFILL_SET_OF "`set` of " /* and the column */
#define BACKFILL_WHERE "`where`"
#define BACKFILL_ACCEPT "`accept`"

struct backfill_job {
    struct run *run; /* its settings are kept up to date, the number of connections among them */
    bool undo;       /* it belongs to the undo of the phase */
    size_t ord;      /* of the step in its phase */
    const char *phase, *step;
    const char *relation; /* quoted and qualified; ordinary or partitioned */
    const char *set;      /* the SET list, e.g. "new" = "old" */
    const char *guard;    /* which rows still need it */
    const char *done;     /* a query, asked after a pass: is no row left?  NULL: it need not be */
    const char *role;     /* SET ROLE, or NULL */
    const char *search_path; /* for `set` and `guard` that are the plan's own words; or NULL */
    const char *name; /* ... what they call the table, quoted; for what inherits from it, too */
    /*
     * What they were made of: a JSON array of names, BACKFILL_..., each with an expression, or
     * what is accepted; or NULL.  With them it is looked whether each row that was written
     * needs it no more, and at the end whether any row does.
     */
    const char *words;
    const char *key; /* ... by which a row is told to people; found by the backfill */
    bool fast;       /* no pauses by duty, until somebody sets another one */
    const struct listener *listener;
};

enum backfill_end {
    BACKFILL_DONE,
    BACKFILL_PAUSED,  /* `orchestrate pause` */
    BACKFILL_STOPPED, /* another process takes the run over */
    BACKFILL_TIME_UP, /* pg->deadline */
};

/*
 * Runs until *end says why it stopped; *rows: written by
 * all calls, but for at most a second's of one that was killed.  Once a second
 * it looks whether somebody paused the run or set something else.  Each batch
 * takes the plan row FOR SHARE, ROW EXCLUSIVE on the table, and waits 5 ms for
 * a row lock at the most; what was locked then comes in a later pass.
 * Errors: ERR_INTERRUPTED after a signal (the batch under way was finished),
 * ERR_CHECK when the lag of replicas cannot be seen, and those of the server.
 */
bool backfill_run(struct pg *pg, const struct backfill_job *job, enum backfill_end *end,
                  int64_t *rows, struct err *err);

#endif
