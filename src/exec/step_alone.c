/*
 * A step that cannot share a transaction with its record: building an index
 * concurrently, validating a constraint.
 *
 * First the database is asked whether it has happened already, then the intent
 * is written, then it is done, then the record is written together with
 * what publishes it.  Names are made from the attempt ("{attempt}"), so that a
 * leftover of a dead attempt is never taken for the result.
 */
#include <math.h>
#include <string.h>

#include "orchestrate/base/clock.h"
#include "orchestrate/base/fault.h"
#include "orchestrate/base/json_read.h"
#include "orchestrate/base/text.h"
#include "sql_exec.h" /* generated from src/sql/exec */
#include "watch.h"

/* The text with {attempt} filled in; NULL stays NULL. */
static const char *with_attempt(struct step_work *sw, const char *text)
{
    struct buf out = BUF_IN(sw->work->arena);
    const char *at;

    if (!text)
        return NULL;
    for (; (at = step_attempt(sw->step, text)); text = at + STEP_ATTEMPT_LEN) {
        buf_addn(&out, text, (size_t)(at - text));
        buf_addf(&out, "__e%lld", (long long)sw->work->run->epoch);
    }
    buf_add(&out, text);
    return buf_text(&out);
}

/*
 * Words of the plan's own find tables as it did when it was started.  Only they: ours
 * must not meet what somebody has put into such a schema.
 */
static bool find_as_plan(struct step_work *sw, bool on, struct err *err)
{
    if (!sw->step->custom)
        return true;
    return on ? pg_run(sw->work->pg, "SELECT pg_catalog.set_config('search_path', $1, false)",
                       PG_ARGS(sw->work->run->search_path), err)
              : work_own_words_over(sw->work, err);
}

/* An answer from some of the rows is none: an error instead. */
static bool see_all_rows(struct step_work *sw, struct err *err)
{
    return !sw->step->custom ||
           pg_run(sw->work->pg, "SELECT pg_catalog.set_config('row_security', 'off', false)",
                  PG_NO_ARGS, err);
}

/* Whoever carries the step out is asked, too: the other may not be allowed to see it. */
static bool act_as(struct step_work *sw, struct err *err)
{
    struct arena *arena = sw->work->arena;

    return !sw->step->role ||
           pg_run(sw->work->pg, arena_printf(arena, "SET ROLE %s", pg_ident(arena, sw->step->role)),
                  PG_NO_ARGS, err);
}

/* A query of the step. */
static bool ask(struct step_work *sw, PGresult **res, const char *sql, struct err *err)
{
    struct err ignored;
    bool ok = (!sw->step->custom || act_as(sw, err)) && find_as_plan(sw, true, err) &&
              see_all_rows(sw, err) &&
              pg_query(sw->work->pg, res, with_attempt(sw, sql), PG_NO_ARGS, err);

    return (pg_lost(sw->work->pg) || find_as_plan(sw, false, ok ? err : &ignored)) && ok;
}

/* What cannot be read as an answer must not be taken for "no": the statement would be sent again.
 */
static bool is_answer(const struct step_work *sw, const PGresult *res, struct err *err)
{
    enum { BOOL_OID = 16 };

    if (!sw->step->custom ||
        (PQntuples(res) == 1 && PQnfields(res) == 1 && PQftype(res, 0) == BOOL_OID))
        return true;
    err_set(err, ERR_FAILED,
            "`verify` has to return one row with one boolean; it returned %d row%s "
            "of %d column%s%s",
            PQntuples(res), PQntuples(res) == 1 ? "" : "s", PQnfields(res),
            PQnfields(res) == 1 ? "" : "s",
            PQnfields(res) == 1 && PQftype(res, 0) != BOOL_OID ? ", which is no boolean" : "");
    return err_hint(err,
                    "Write it so that it says whether the statement has happened, such as `SELECT "
                    "EXISTS (...)`: undo this phase, mend the plan, take it over "
                    "(--accept-plan-change).");
}

bool alone_happened(struct step_work *sw, bool *yes, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    *yes = false;
    if (!sw->step->done)
        return true;
    if (!ask(sw, &res, sw->step->done, err))
        return err_wrap(err, "asking whether it has happened%s",
                        sw->step->custom
                            ? text_line_column(sw->work->arena, sw->step->done, err->position)
                            : "");
    if (!is_answer(sw, res, err))
        return false;
    *yes = PQntuples(res) > 0 && *PQgetvalue(res, 0, 0) == 't';
    return true;
}

bool alone_untouched(struct step_work *sw, bool *yes, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    *yes = false;
    if (!sw->step->done)
        return true;
    if (!ask(sw, &res, sw->step->done, err))
        return err_wrap(err, "asking whether it has happened");
    *yes = PQfnumber(res, "begun") >= 0 && !pg_bool(res, 0, "done") && !pg_bool(res, 0, "begun");
    return true;
}

bool alone_left(struct step_work *sw, bool *yes, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!ask(sw, &res, sw->step->next, err))
        return err_wrap(err, "looking for what is left to do");
    *yes = PQntuples(res) > 0;
    return true;
}

/*
 * Statements that run outside a transaction, as the owner; the role is given back in any case.
 * lock_timeout: 0 where the lock that is waited for blocks neither readers nor writers.
 */
static bool run_as(struct step_work *sw, const char *sql, int64_t lock_timeout, struct err *err)
{
    struct pg *pg = sw->work->pg;
    struct err ignored;
    struct watch watch;
    bool ok, ours = true;

    if (!act_as(sw, err))
        return false;
    /* It may wait for old snapshots: a signal ends it at once. */
    pg->cancel_on_first = true;
    watch_begin(&watch, sw);
    ok = pg_run(pg,
                arena_printf(sw->work->arena, "SET lock_timeout = %lld", (long long)lock_timeout),
                PG_NO_ARGS, err) &&
         pg_run(pg,
                arena_printf(sw->work->arena, "SET statement_timeout = %lld",
                             (long long)sw->work->run->settings.statement_timeout),
                PG_NO_ARGS, err) &&
         find_as_plan(sw, true, err) && pg_run(pg, sql, PG_NO_ARGS, err);
    watch_end(&watch);
    pg->cancel_on_first = false;
    if (!pg_lost(pg)) {
        ours = find_as_plan(sw, false, ok ? err : &ignored);
        pg_run(pg, "SET lock_timeout = '2s'", PG_NO_ARGS, ok ? err : &ignored);
        pg_run(pg, "SET statement_timeout = 0", PG_NO_ARGS, ok ? err : &ignored);
        pg_run(pg, "SET ROLE NONE", PG_NO_ARGS, ok ? err : &ignored);
    }
    return ok && ours;
}

/*
 * What bears no name of ours may be somebody else's: it stays unless it came to be while
 * this attempt was under way, and nobody is at work on it.
 */
static bool may_clear(const PGresult *res, int row, const PGresult *before)
{
    if (PQfnumber(res, "unnamed") < 0)
        return true;
    for (int i = 0; i < PQntuples(before); i++)
        if (strcmp(PQgetvalue(before, i, 0), PQgetvalue(res, row, 0)) == 0)
            return false;
    return before && !pg_bool(res, row, "busy");
}

/* A statement that needs a strong lock for a moment: in a transaction, by the lock protocol. */
static bool run_locked(struct step_work *sw, const char *sql, const char *relation,
                       enum lock_mode mode, struct err *err)
{
    struct work *w = sw->work;
    struct lock_wait wait = { .relation = relation,
                              .mode = mode,
                              .settings = &w->run->settings,
                              .listener = &w->options->listener,
                              .phase = sw->phase->name,
                              .step = sw->step->id,
                              .so_far = "what this step has done so far stays",
                              .go_on = work_go_on,
                              .context = w };

    for (;;) {
        CLEANUP(pg_result) PGresult *held = NULL;
        struct buf out = BUF_IN(w->arena);
        const char *lock;
        bool committed;

        if (!lock_try(w->arena, w->pg, &wait, &lock, err))
            return false;
        buf_addf(&out, "BEGIN;\n%s;\n", store_fence_sql(w->arena, w->run));
        if (sw->step->role)
            buf_addf(&out, "SET LOCAL ROLE %s;\n", pg_ident(w->arena, sw->step->role));
        buf_addf(&out, "%s\n", lock);
        step_lock_taken(&out);
        buf_addf(&out, "%s\nSET LOCAL ROLE NONE;\nCOMMIT;\n", sql);
        step_lock_given_back(&out);
        if (pg_script(w->pg, buf_text(&out), &committed, &held, err)) {
            if (lock_mode_is_strong(mode))
                sw->lock_ms = fmax(sw->lock_ms, pg_float(held, 0, "held_ms"));
            return true;
        }
        if (!lock_may_retry(&wait, err))
            return false;
    }
}

/*
 * A statement that a query has returned: with a relation under its lock (`mode`, else the
 * strongest one), without one outside a transaction.
 */
static bool run_found(struct step_work *sw, const PGresult *res, int row, struct err *err)
{
    struct arena *arena = sw->work->arena;
    const char *sql = arena_strdup(arena, PQgetvalue(res, row, 0));
    const char *relation = pg_text(arena, res, row, "relation");
    const char *mode = pg_text(arena, res, row, "mode");
    enum lock_mode lock = LOCK_ACCESS_EXCLUSIVE;

    if (mode && !lock_mode_parse(mode, &lock))
        return err_set(err, ERR_BUG, "there is no lock called %s", mode);
    return relation ? run_locked(sw, sql, relation, lock, err) : run_as(sw, sql, 0, err);
}

/* before: what there was when the attempt began; NULL: it is about to.  *found is kept. */
static bool clear_leftovers(struct step_work *sw, const PGresult *before, PGresult **found,
                            struct err *err)
{
    if (!sw->step->leftovers)
        return true;
    if (!ask(sw, found, sw->step->leftovers, err))
        return err_wrap(err, "looking for leftovers");
    for (int i = 0; i < PQntuples(*found); i++)
        if (may_clear(*found, i, before) && !run_found(sw, *found, i, err))
            return err_wrap(err, "clearing up after an earlier attempt");
    return true;
}

/* One statement of `next`; *sql NULL: there was none left.  The same one twice makes no progress.
 */
static bool next_statement(struct step_work *sw, const char **sql, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    const char *before = *sql;

    if (!ask(sw, &res, sw->step->next, err))
        return err_wrap(err, "looking for what is left to do");
    *sql = PQntuples(res) ? pg_text(sw->work->arena, res, 0, "sql") : NULL;
    if (!*sql)
        return true;
    if (before && strcmp(before, *sql) == 0)
        return err_set(err, ERR_FAILED, "this had no effect: %s", *sql);
    fault_point("alone_next");
    return run_found(sw, res, 0, err);
}

static bool work_off(struct step_work *sw, struct err *err)
{
    const char *sql = NULL;

    if (!sw->step->next)
        return true;
    do {
        if (clock_signal()) {
            err_set(err, ERR_INTERRUPTED, "stopped; the same command continues");
            return err->signal = clock_signal(), false;
        }
        if (!next_statement(sw, &sql, err))
            return false;
    } while (sql);
    return true;
}

/* When the statements are found one by one, that there are no more does not say that it is done. */
static bool did_happen(struct step_work *sw, struct err *err)
{
    bool yes;

    /* So it is with what only the plan can tell: `verify`. */
    if (!sw->step->done || (sw->step->custom ? sw->step->publish != NULL : !sw->step->next))
        return true;
    if (!alone_happened(sw, &yes, err))
        return false;
    if (!yes && sw->step->custom)
        return err_set(err, ERR_FAILED,
                       "the statement succeeded, but its `verify` does not say that it happened");
    return yes || err_set(err, ERR_FAILED,
                          "nothing is left to do, and yet it has not happened; if partitions were "
                          "changed meanwhile, roll this phase back and advance again");
}

/*
 * The server counts in what was sent, where one name may stand for that of the plan; so
 * what is in front of it is counted from the beginning, and what is behind it from the end.
 */
static bool tell_place(struct step_work *sw, const char *sent, struct err *err)
{
    struct arena *arena = sw->work->arena;
    const char *at = sw->step->parts, *written;
    size_t offset = text_offset(sent, err->position), left = strlen(sent) - offset, same = 0, n;

    if (!sw->step->custom || err->position <= 0 || !at || !json_item(arena, &at, &written))
        return false;
    while (written[same] && written[same] == sent[same])
        same++;
    n = strlen(written);
    if (offset >= same)
        offset = n > left ? n - left : 0;
    err->statement = 1;
    err->position = text_position(written, offset);
    return err_wrap(err, "the statement%s", text_line_column(arena, written, err->position));
}

/* A strong lock, or one that nobody can tell: who waits for it keeps readers waiting, too. */
static bool is_in_the_way(const struct step *step)
{
    return step->custom && (step->lock == LOCK_NONE || lock_mode_is_strong(step->lock));
}

/* The table that such a statement locks, as far as there is one. */
static bool find_locked(struct step_work *sw, const char **relation, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct work *w = sw->work;
    struct err ignored;
    bool ok;

    *relation = NULL;
    if (!sw->step->relation || sw->step->lock == LOCK_NONE)
        return true;
    ok = act_as(sw, err) && find_as_plan(sw, true, err) &&
         pg_query(w->pg, &res, sql_named, PG_ARGS(sw->step->relation), err);
    if (!pg_lost(w->pg) && !find_as_plan(sw, false, ok ? err : &ignored))
        return false;
    if (ok && PQntuples(res))
        *relation = pg_text(w->arena, res, 0, "relation");
    return ok;
}

/*
 * It locks by itself, so it cannot be sent behind a LOCK.  But the lock is taken before for a
 * moment, with all that belongs to that: not queueing behind who is there for long, naming
 * him, making an autovacuum give way.  Then it will be free; if it is not, all over again.
 */
static bool run_between(struct step_work *sw, const char *sql, struct err *err)
{
    struct work *w = sw->work;
    int64_t began = clock_ms();
    const char *relation;

    if (!find_locked(sw, &relation, err))
        return false;
    for (sw->tries = 1;; sw->tries++) {
        if (relation && !run_locked(sw, "", relation, sw->step->lock, err))
            return false;
        if (run_as(sw, sql, w->run->settings.lock_timeout, err))
            return true;
        if (pg_lost(w->pg) || !sqlstate_may_retry(err->sqlstate) ||
            !work_wait_again(sw, began, err))
            return false;
        if (w->stopped)
            return err_set(err, ERR_BUSY, "plan %s was paused", w->run->name);
    }
}

/* The statement of the step, when it has one. */
static bool run_it(struct step_work *sw, const char *sql, struct err *err)
{
    if (!sql)
        return true;
    return (is_in_the_way(sw->step) ? run_between(sw, sql, err) : run_as(sw, sql, 0, err)) ||
           tell_place(sw, sql, err);
}

static bool act(struct step_work *sw, struct err *err)
{
    CLEANUP(pg_result) PGresult *before = NULL;
    CLEANUP(pg_result) PGresult *after = NULL;
    const char *sql = with_attempt(sw, sw->step->sql);
    struct err left;

    if (!clear_leftovers(sw, NULL, &before, err))
        return false;
    fault_point("alone");
    if (work_off(sw, err) && run_it(sw, sql, err))
        return did_happen(sw, err);
    if (!pg_lost(sw->work->pg) && err->code != ERR_INTERRUPTED &&
        !clear_leftovers(sw, before, &after, &left))
        return err_wrap(err, "what it began could not be cleared up (%s)", left.text);
    return false;
}

static bool record(struct step_work *sw, bool publish, struct err *err)
{
    struct arena *arena = sw->work->arena;
    struct buf out = BUF_IN(arena);

    buf_addf(&out, "BEGIN;\n%s", buf_text(&sw->after.sql));
    if (publish && sw->step->publish) {
        if (sw->step->role)
            buf_addf(&out, "SET LOCAL ROLE %s;\n", pg_ident(arena, sw->step->role));
        if (sw->step->custom)
            buf_addf(&out, "SELECT pg_catalog.set_config('search_path', %s, true);\n",
                     pg_literal(arena, sw->work->run->search_path));
        buf_addf(&out, "%s\nSET LOCAL ROLE NONE;\n", with_attempt(sw, sw->step->publish));
    }
    buf_add(&out, "COMMIT;");
    if (!work_commit(sw->work, buf_text(&out), NULL, err))
        return false;
    moves_done(&sw->after);
    return true;
}

/*
 * Somebody took the name while it was built.  What was built bears one of ours and is of no
 * use: the next attempt would drop it, too.
 */
static bool name_taken(struct step_work *sw, struct err *err)
{
    CLEANUP(pg_result) PGresult *found = NULL;
    struct err ignored;

    if (!sw->step->custom || strcmp(err->sqlstate, "42P07") != 0 || pg_lost(sw->work->pg))
        return false;
    return err_hint(err,
                    "Something of that name came to be; what was built %s. Rename or drop the "
                    "other, then try again.",
                    clear_leftovers(sw, NULL, &found, &ignored)
                        ? "is dropped again"
                        : "is still there, and the next attempt drops it");
}

/*
 * What is so already may have been so before the first attempt, for another reason than
 * that the step is done.  What was not finished may be undone all the same.
 */
static bool may_attempt(struct step_work *sw, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct work *w = sw->work;
    bool attempted;

    if (!sw->step->guard || sw->unsure)
        return true;
    if (!store_attempted(w->pg, w->run, w->undo, sw->ord, &attempted, err) ||
        (!attempted && !ask(sw, &res, sw->step->guard, err)))
        return false;
    if (attempted || PQntuples(res) == 0)
        return true;
    err_set(err, ERR_FAILED, "%s", PQgetvalue(res, 0, 0));
    err->statement = 1;
    if (!w->undo) /* of an undo it is said how its words are mended */
        err_hint(err, "Nothing was done. If the name is wrong: undo this phase, mend the plan, "
                      "take it over (--accept-plan-change). If it may be missing: DROP INDEX "
                      "CONCURRENTLY IF EXISTS.");
    return false;
}

bool step_alone(struct step_work *sw, struct err *err)
{
    struct work *w = sw->work;
    bool yes;

    if (!moves_commit(&sw->before, err) || !may_attempt(sw, err) || !alone_happened(sw, &yes, err))
        return false;
    /* Without an attempt on record nothing of it can have happened. */
    if (!yes && (!store_attempt(w->pg, w->run, w->undo, sw->ord, w->attempt, err) || !act(sw, err)))
        return w->stopped;
    if (yes)
        sw->instead = "it had happened already";
    fault_point("alone_done");
    return record(sw, !yes, err) || name_taken(sw, err);
}
