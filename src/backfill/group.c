#include <string.h>

#include "orchestrate/base/clock.h"
#include "sweep.h"
#include "words.h"

enum { CHECKPOINT_MS = 1000 };

/*
 * The table went away under a batch: it is no longer a partition, or has another name.
 * Whoever misses it under a name that is still right misses something else, for instance
 * a table that a function of the plan reads.
 */
static bool is_gone(struct sweep *s, size_t at, const char *relation, const struct err *cause,
                    struct err *err)
{
    const struct leaf *leaf;
    bool added;

    if (strcmp(cause->sqlstate, "42P01") != 0 || !s->leaves.tree || !sweep_list(s, &added, err))
        return false;
    leaf = &s->leaves.list[at];
    return leaf->done || strcmp(leaf->relation, relation) != 0;
}

/* Triggers have come or gone: whether they fire, and whether the plan allows that, is asked anew.
 */
static bool look_anew(struct sweep *s, size_t at, struct batch *batch, struct err *err)
{
    bool added;

    s->leaves.afresh = true;
    if (!sweep_list(s, &added, err) || !words_look(s->arena, s->pg, &s->own, &s->as_replica, err))
        return false;
    batch->relation = s->leaves.list[at].relation;
    batch->hung = s->leaves.list[at].hung;
    batch->as_replica = s->as_replica;
    return true;
}

/*
 * The answer to a batch of leaf number `at` (the list may move).  What a lost connection
 * did not do, the session's own does: the guard makes it harmless to do twice.
 */
static bool finish(struct sweep *s, size_t at, struct pg *pg, struct batch *batch,
                   struct batch_result *result, struct err *err)
{
    bool ok = batch_finish(pg, s->job, batch, result, err);

    while (!ok) {
        struct err cause = *err;

        if (pg != s->pg && pg_lost(pg))
            pg = s->pg;
        else if (is_gone(s, at, batch->relation, &cause, err)) {
            batch->relation = s->wait.relation = s->leaves.list[at].relation;
            if (s->leaves.list[at].done)
                return true;
        } else if (strcmp(cause.sqlstate, BATCH_CHANGED) == 0) {
            if (!look_anew(s, at, batch, err))
                return false;
        } else if (!sqlstate_may_retry(err->sqlstate) ||
                   !lock_pause(s->arena, s->pg, &s->wait, err))
            return false;
        ok = batch_run(pg, s->job, batch, result, err);
    }
    s->wait.started = 0; /* the next one is waited for as long */
    return true;
}

/*
 * The session's own connection first: it is needed to deal with what the others meet.
 * Also after an error all are waited for, so that none is left with an answer to come.
 */
static bool finish_all(struct sweep *s, size_t at, struct batch *batches, size_t n,
                       struct batch_result *sum, struct err *err)
{
    bool ok = true;

    for (size_t i = 0; i < n; i++) {
        struct batch_result result = { 0 };
        struct err later;

        if (ok)
            ok = finish(s, at, s->hands.pg[i], &batches[i], &result, err);
        else if (pg_answer(s->hands.pg[i], NULL, NULL, &later))
            result.rows = s->hands.pg[i]->updated;
        sum->rows += result.rows;
        sum->stop = sum->stop || result.stop;
        sum->paused = sum->paused || result.paused;
        sum->skipped = sum->skipped || result.skipped;
    }
    return ok;
}

/* The next pages of the leaf, a range for each hand; returns how many got one. */
static size_t give_out(const struct sweep *s, struct leaf *leaf, struct batch *batches)
{
    size_t n = 0;

    for (; n < s->hands.n && leaf->page < leaf->pages; n++) {
        int64_t to = leaf->page + s->pace.pages;

        batches[n] = (struct batch){ .relation = leaf->relation,
                                     .hung = leaf->hung,
                                     .from = leaf->page,
                                     .to = to < leaf->pages ? to : leaf->pages,
                                     .tuples_per_page = s->leaves.tuples_per_page,
                                     .as_replica = s->as_replica };
        leaf->page = batches[n].to;
    }
    return n;
}

/*
 * The cursor commits with the first batch.  It is behind that one if there is no other;
 * else before them all, since another one may fail after it.
 */
static void set_checkpoint(struct arena *arena, struct sweep *s, struct leaf *leaf,
                           struct checkpoint *cp, struct batch *batches, size_t n)
{
    int64_t page = leaf->page;

    if (n > 1)
        leaf->page = batches[0].from;
    *cp = (struct checkpoint){ .cursor = leaves_cursor(arena, &s->leaves),
                               .rows = s->rows_before + s->rows,
                               .total = leaf->pages };
    leaf->page = page;
    batches[0].checkpoint = cp;
}

bool group_run(struct sweep *s, size_t at, struct batch_result *result, double *ms, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct batch batches[HANDS_MOST];
    struct checkpoint cp;
    struct err lost;
    double start = clock_ms_exact();
    size_t n = give_out(s, &s->leaves.list[at], batches);

    *result = (struct batch_result){ 0 };
    if (clock_ms() - s->stored_at >= CHECKPOINT_MS)
        set_checkpoint(&arena, s, &s->leaves.list[at], &cp, batches, n);
    s->wait.relation = batches[0].relation;
    for (size_t i = 0; i < n; i++) /* one that cannot be sent is a lost connection: see finish */
        batch_send(s->hands.pg[i], s->job, &batches[i], &lost);
    if (!finish_all(s, at, batches, n, result, err)) {
        s->leaves.list[at].page = batches[0].from;
        s->rows += result->rows;
        return false;
    }
    *ms = clock_ms_exact() - start;
    if (batches[0].checkpoint)
        s->stored_at = clock_ms();
    s->rows += result->rows;
    s->leaves.list[at].skipped = s->leaves.list[at].skipped || result->skipped;
    return true;
}
