/*
 * leaves.h - what a backfill goes over: the table, or the partitions that hold
 * its rows.  They come and go meanwhile, so that the list is read again now and
 * then; what left the tree is nobody's work any more, what joined it is.
 */
#ifndef ORCHESTRATE_BACKFILL_LEAVES_H
#define ORCHESTRATE_BACKFILL_LEAVES_H

#include "orchestrate/backfill/backfill.h"

struct leaf {
    int64_t relid;
    const char *relation; /* quoted and qualified */
    const char *hung;     /* as size.sql has it, when that was looked at; "": not yet */
    int64_t pages;        /* to sweep: the size when it was listed, after the triggers existed */
    int64_t page;         /* the next one of this pass */
    bool skipped;         /* rows were locked in this pass: it has to be swept again */
    bool done;
};

struct leaves {
    struct leaf *list; /* by oid, but for those that came later */
    size_t n;
    bool tree;    /* the relation is partitioned */
    int64_t rows; /* of all, as far as known */
    int64_t read_at;
    int tuples_per_page;
    bool afresh; /* what hangs on them is going to be looked at: take note of it */
};

/*
 * Reads the list, or brings it up to date: a new leaf is added, one that is no
 * longer part of the relation is done.  *added: there is something new to sweep.
 * Errors: ERR_CHECK when the relation is gone, or a partition is a foreign table.
 */
bool leaves_read(struct arena *arena, struct pg *pg, const char *relation, struct leaves *leaves,
                 bool *added, struct err *err);

/* The first that is not done, or NULL. */
struct leaf *leaves_next(const struct leaves *leaves);

/*
 * Where a process that starts over has to go on, as "relid:page/pages sum": the lowest
 * relid that is not done, also when that one was left for a later pass.  Those below
 * it are done, if they are still the same: of what was attached meanwhile the relid
 * may be lower, and then all of them are looked at again.
 */
const char *leaves_cursor(struct arena *arena, const struct leaves *leaves);
void leaves_resume(struct leaves *leaves, const char *cursor);

#endif
