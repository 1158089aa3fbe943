/*
 * lock.h - getting a table lock without making anybody wait for long.
 *
 * A request that waits in the lock queue stops everybody who comes after it,
 * readers included.  So: look first, without a lock, whether somebody is in the
 * way for long, and do not queue behind them; else queue for `lock_timeout` at
 * the most, pause for about a second, try again.  When an ordinary autovacuum
 * is the only one in the way, take SHARE UPDATE EXCLUSIVE first: waiting for
 * that blocks no reader or writer, and after deadlock_timeout it makes the
 * autovacuum give way.
 *
 * Locking a partitioned table locks its partitions, the parent before the child;
 * whoever holds one of them is in the way, and all together are waited for no
 * longer than `lock_timeout`.  Locking a view locks the tables that it shows, the view
 * first, and nothing below them: what views are locked for concerns names only.
 *
 * Several tables, as in "shop.item, shop.sale", are locked in that order, and also share
 * one `lock_timeout`.  One of them that the role may not lock (it need not own both sides
 * of a foreign key) is left to the statements that follow, but whoever holds it is seen.
 */
#ifndef ORCHESTRATE_LOCK_LOCK_H
#define ORCHESTRATE_LOCK_LOCK_H

#include "orchestrate/base/arena.h"
#include "orchestrate/pg/pg.h"
#include "orchestrate/state/event.h"
#include "orchestrate/state/settings.h"
#include "orchestrate/state/words.h"

struct lock_wait {
    const char *relation; /* quoted and qualified, or several; NULL: nothing to lock */
    enum lock_mode mode;
    const struct settings *settings;
    const struct listener *listener;
    const char *phase, *step; /* for events */
    const char *so_far;       /* what was changed, for whoever is told to try again; never NULL */
    /* Asked before each pause; false: stop waiting, with this error.  NULL: never. */
    bool (*go_on)(void *context, struct err *err);
    void *context;
    int64_t started;          /* clock_ms() of the first try; set by lock_try */
    int tries;                /* how often the lock was asked for */
    int pauses;               /* how often it was waited for somebody to go away */
    const char *transactions; /* who was in the way at the last look, at looked_at */
    int64_t looked_at;
};

/*
 * Before a try: waits as long as it must, and returns the statements to put
 * between BEGIN and the work ("" when there is nothing to lock).  They end with
 * the lock held.  Returns false with ERR_BUSY when settings->lock_retry_for is
 * over (err->blockers says who), or with ERR_INTERRUPTED.
 */
bool lock_try(struct arena *arena, struct pg *pg, struct lock_wait *wait, const char **statements,
              struct err *err);

/*
 * After a try that failed: true when another one may follow (the lock was not
 * to be had, or a deadlock; nothing happened).
 */
bool lock_may_retry(const struct lock_wait *wait, const struct err *err);

/*
 * The same for work that does not lock by itself: somebody was in the way, so
 * tell, and wait for about a second.  False as lock_try.
 */
bool lock_pause(struct arena *arena, struct pg *pg, struct lock_wait *wait, struct err *err);

/* Whom the statement of another session waits for, in words; "": for nobody. */
bool lock_waited_for(struct arena *arena, struct pg *pg, int pid, const char **whom,
                     struct err *err);

/* The lock as a statement, e.g. for the report: LOCK TABLE ... IN ... MODE; */
const char *lock_statement(struct arena *arena, const char *relation, enum lock_mode mode);

#endif
