#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "blockers.h"
#include "orchestrate/base/buf.h"
#include "orchestrate/base/clock.h"
#include "orchestrate/base/text.h"
#include "sql_lock.h"

enum {
    PAUSE_MS = 1000,      /* between tries; foreground max stays near lock_timeout (measured) */
    PATIENCE_MS = 700,    /* a transaction older than this will not be gone within lock_timeout */
    EVICT_EXTRA_MS = 300, /* over deadlock_timeout, after which an autovacuum is cancelled */
    HOLD_MS = 1000,       /* a statement under a strong lock never runs longer */
};

const char *lock_statement(struct arena *arena, const char *relation, enum lock_mode mode)
{
    return arena_printf(arena, "LOCK TABLE %s IN %s MODE;", relation, lock_mode_name(mode));
}

bool lock_may_retry(const struct lock_wait *wait, const struct err *err)
{
    return wait->relation && wait->mode != LOCK_NONE && sqlstate_may_retry(err->sqlstate);
}

/* A second with +-20 %, so that two tools do not keep meeting. */
static int64_t pause_ms(void)
{
    static unsigned seed;

    if (!seed)
        seed = (unsigned)getpid() ^ (unsigned)clock_ms();
    return PAUSE_MS * 8 / 10 + rand_r(&seed) % (PAUSE_MS * 4 / 10);
}

static bool give_up(const struct lock_wait *wait, const struct blockers *blockers, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };

    err_set(err, ERR_BUSY, "no %s lock on %s within %s, %s%s%s", lock_mode_name(wait->mode),
            wait->relation, text_from_duration(&arena, wait->settings->lock_retry_for),
            wait->so_far, blockers->n ? "; in the way: " : "", blockers->text);
    snprintf(err->blockers, sizeof err->blockers, "%s",
             strlen(blockers->json) < sizeof err->blockers ? blockers->json : "[]");
    return err_hint(
        err, "Try again later, or end what is in the way: SELECT pg_terminate_backend(pid).");
}

static void tell(struct lock_wait *wait, const struct blockers *blockers)
{
    struct event event = { .kind = EVENT_LOCK_WAIT,
                           .phase = wait->phase,
                           .step = wait->step,
                           .text = blockers->n ? blockers->text : "somebody took it just before",
                           .tries = ++wait->pauses,
                           .lock_ms = -1,
                           .ms = (double)(clock_ms() - wait->started) };

    wait->listener->hear(wait->listener->context, &event);
}

/* How things of each kind are locked; NULL: by LOCK TABLE. */
static const char *by_kind(const char *kind)
{
    return strcmp(kind, "tree") == 0   ? sql_tree
           : strcmp(kind, "view") == 0 ? sql_view
           : strcmp(kind, "list") == 0 ? sql_list
                                       : NULL;
}

/* The lock, for which `timeout` is the longest wait in all: `block` locks one after the other. */
static void add_lock(struct buf *out, const struct lock_wait *wait, const char *block,
                     enum lock_mode mode, int64_t timeout)
{
    buf_addf(out, "SET LOCAL lock_timeout = %lld;\n", (long long)timeout);
    if (!block) {
        buf_addf(out, "%s\n", lock_statement(out->arena, wait->relation, mode));
        return;
    }
    buf_addf(out,
             "SET LOCAL orchestrate.lock_relation = %s;\nSET LOCAL orchestrate.lock_mode = "
             "'%s';\n%s\n",
             pg_literal(out->arena, wait->relation), lock_mode_name(mode), block);
    /* What of a list is not locked yet has to be had in the time that is left. */
    if (block != sql_list)
        buf_addf(out, "SET LOCAL lock_timeout = %lld;\n", (long long)timeout);
}

/* What is sent for one try, once nobody is known to be in the way for long. */
static bool statements_for(struct arena *arena, struct pg *pg, const struct lock_wait *wait,
                           bool evict, const char **statements, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL, *kind = NULL;
    struct buf out = BUF_IN(arena);
    bool strong = lock_mode_is_strong(wait->mode);
    const char *block;

    if (!pg_query(pg, &kind, sql_kind, PG_ARGS(wait->relation), err))
        return false;
    block = by_kind(pg_text(arena, kind, 0, "kind"));
    if (evict && strong) {
        if (!pg_query(pg, &res, sql_deadlock_timeout, PG_NO_ARGS, err))
            return false;
        add_lock(&out, wait, block, LOCK_SHARE_UPDATE_EXCLUSIVE,
                 pg_int(res, 0, "ms") + EVICT_EXTRA_MS);
    }
    if (strong)
        buf_addf(&out,
                 "SET LOCAL statement_timeout = %d;\n"
                 "SET LOCAL idle_in_transaction_session_timeout = %d;\n",
                 HOLD_MS, HOLD_MS);
    add_lock(&out, wait, block, wait->mode, wait->settings->lock_timeout);
    *statements = buf_text(&out);
    return true;
}

static bool pause_between(struct pg *pg, const struct lock_wait *wait, struct err *err)
{
    bool late = pg->deadline && clock_ms() > pg->deadline;

    if (!late && clock_sleep(pause_ms()))
        return true;
    err_set(err, ERR_INTERRUPTED, "%s while waiting for a lock on %s",
            late ? "time is up" : "stopped", wait->relation);
    return err->signal = late ? 0 : clock_signal(), false;
}

static bool look(struct arena *arena, struct pg *pg, struct lock_wait *wait,
                 struct blockers *blockers, struct err *err)
{
    int64_t now = clock_ms();

    if (!wait->started)
        wait->started = now;
    if (!blockers_read(arena, pg, wait->relation, wait->mode, wait->transactions,
                       now - wait->looked_at, blockers, err))
        return false;
    wait->transactions = blockers->transactions;
    wait->looked_at = now;
    return true;
}

/* Tells who is in the way, and waits; gives up when that has gone on for long enough. */
static bool step_back(struct pg *pg, struct lock_wait *wait, const struct blockers *blockers,
                      struct err *err)
{
    if (clock_ms() - wait->started >= wait->settings->lock_retry_for)
        return give_up(wait, blockers, err);
    tell(wait, blockers);
    return (!wait->go_on || wait->go_on(wait->context, err)) && pause_between(pg, wait, err);
}

bool lock_pause(struct arena *arena, struct pg *pg, struct lock_wait *wait, struct err *err)
{
    struct blockers blockers;

    return look(arena, pg, wait, &blockers, err) && step_back(pg, wait, &blockers, err);
}

bool lock_try(struct arena *arena, struct pg *pg, struct lock_wait *wait, const char **statements,
              struct err *err)
{
    struct blockers blockers;
    bool failed_before = wait->tries > 0;

    *statements = "";
    if (!wait->relation || wait->mode == LOCK_NONE)
        return true;
    for (;;) {
        if (!look(arena, pg, wait, &blockers, err))
            return false;
        if (!failed_before &&
            (!blockers.n || blockers.only_autovacuum || blockers.oldest_ms < PATIENCE_MS))
            break;
        if (!step_back(pg, wait, &blockers, err))
            return false;
        failed_before = false; /* from now on only what is in the way counts */
    }
    wait->tries++;
    return statements_for(arena, pg, wait, blockers.only_autovacuum, statements, err);
}
