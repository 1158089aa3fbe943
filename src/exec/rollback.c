#include <string.h>

#include "orchestrate/base/clock.h"
#include "work.h"

/* The phase whose undo is next: the one the history stands in, or the one before. */
static int standing(const struct run *run)
{
    return run->phase_state == PHASE_UNDONE ? run->phase - 1 : run->phase;
}

static bool no_return(const struct run *run, int phase, struct err *err)
{
    err_set(err, ERR_CHECK, "phase %s of %s is past the point of no return",
            run->program.phases[phase].name, run->name);
    if (!run_state_is_live(run->state))
        return err_hint(err, "What it dropped cannot be brought back; write a new plan for the way "
                             "back.");
    return err_hint(err,
                    "What it dropped cannot be brought back: `orchestrate advance %s` goes on. If "
                    "what is left of it cannot succeed, give the run up as it stands "
                    "(`orchestrate repair %s --forget --confirm %s`) and write a new plan for the "
                    "rest, or for the way back.",
                    run->name, run->name, run->name);
}

/* expand and dual-write, say, are one undo: stopping between them is not possible. */
static bool not_alone(const struct run *run, int phase, struct err *err)
{
    const char *name = run->program.phases[phase].name;
    const char *before = run->program.phases[phase - 1].name;

    err_set(err, ERR_CHECK, "%s cannot be undone without %s: they go in one transaction", name,
            before);
    return err_hint(err, "Use --to %s.",
                    phase >= 2 ? run->program.phases[phase - 2].name : "start");
}

/*
 * A phase that failed before it had done anything can be left without the one before
 * it.  Not so when one change of several has come further than another.
 */
static bool goes_alone(const struct work *w, int phase, bool *alone, struct err *err)
{
    const struct phase *p = &w->run->program.phases[phase];
    bool *done = arena_alloc(w->arena, p->n_steps + 1);

    *alone = w->run->phase_state == PHASE_FAILED;
    if (!*alone || p->n_steps < 2)
        return true;
    if (!store_steps_done(w->pg, w->run, false, done, p->n_steps, err))
        return false;
    for (size_t i = 0; i < p->n_steps; i++)
        *alone &= !done[i];
    return true;
}

/*
 * Has the phase failed in its first step, and left nothing of it?  What shares no
 * transaction with its record may have happened in part.
 */
static bool is_untouched(struct work *w, int phase, bool none_done, bool *yes, struct err *err)
{
    const struct phase *p = &w->run->program.phases[phase];
    struct step_work sw = { .work = w, .phase = p, .step = p->steps };

    *yes = false;
    if (!none_done || !p->n_steps || p->steps[0].kind == STEP_BACKFILL)
        return true;
    *yes = p->steps[0].kind != STEP_ALONE;
    return *yes || p->steps[0].custom || alone_untouched(&sw, yes, err);
}

/*
 * Only the author knows what statements of his own destroy: what they may is taken for that.
 * deeds: of a plan's own, when it is not done in whole.
 */
static bool consented(const struct work *w, const struct phase *phase, const enum deed *deeds,
                      struct err *err)
{
    const char *name = w->run->name;
    bool loses = deeds ? deeds_lose(phase, deeds) : phase->undo == UNDO_LOSSY;

    if (!loses || (w->options->confirm && strcmp(w->options->confirm, name) == 0))
        return true;
    err_set(err, ERR_CONSENT, "undoing %s %s values that are held nowhere else", phase->name,
            phase->steps[0].custom ? "may destroy" : "destroys");
    return err_hint(err, "If that is meant: --confirm %s", name);
}

/*
 * The phase that is undone first may have been done in part.  *deeds NULL: nobody knows how far,
 * as of an operation.
 */
static bool look_at_first(struct work *w, int from, enum deed **deeds, struct err *err)
{
    const struct phase *phase = &w->run->program.phases[from];

    *deeds = NULL;
    w->open = NULL;
    if (deeds_own(phase) && !deeds_read(w, phase, deeds, err))
        return false;
    if (w->run->phase_state == PHASE_PENDING || w->run->phase_state == PHASE_UNDOING ||
        (*deeds && !deeds_past_return(phase, *deeds)))
        w->open = phase;
    return true;
}

/* *to: the last phase that stays done; -1: none.  Checks the whole way before anything is touched.
 */
static bool find_way(struct work *w, int *to, struct err *err)
{
    const struct run *run = w->run;
    int from = standing(run);
    const struct phase *phases = run->program.phases;
    bool alone = false, untouched = false, begun = run->phase_state != PHASE_PENDING;
    enum deed *deeds = NULL;

    *to = from >= 0 ? from - 1 : -1;
    if (from >= 0 && (!goes_alone(w, from, &alone, err) || !look_at_first(w, from, &deeds, err) ||
                      !is_untouched(w, from, alone, &untouched, err)))
        return false;
    /* What failed in its first statement has dropped nothing, whatever it was about to do. */
    if (untouched)
        w->open = &phases[from];
    if (w->options->to && strcmp(w->options->to, "start") == 0)
        *to = -1;
    else if (w->options->to && !work_phase(run, w->options->to, to, err))
        return false;
    else if (!w->options->to && from >= 0 && phases[from].undo_with_previous && !alone)
        *to = from - 2;
    for (int p = from; p > *to; p--) {
        bool whole = p < from || !alone;

        if (phases[p].undo == UNDO_NEVER && &phases[p] != w->open)
            return no_return(run, p, err);
        if (phases[p].undo_with_previous && whole && *to == p - 1)
            return not_alone(run, p, err);
        if (begun && !(p == from && untouched) &&
            !consented(w, &phases[p], p == from ? deeds : NULL, err))
            return false;
    }
    return true;
}

static bool undo_phase(struct work *w, int phase, struct err *err)
{
    const struct run *run = w->run;
    const char *name = run->program.phases[phase].name;
    double start = clock_ms_exact();

    work_tell(w, (struct event){ .kind = EVENT_PHASE_STARTED, .phase = name, .text = "undo" });
    w->result->phase = name;
    if (!phase_run(w, &run->program.phases[phase], err))
        return err_wrap(err, "undo of phase %s of %s", name, run->name);
    if (!w->stopped)
        work_tell(w, (struct event){ .kind = EVENT_PHASE_UNDONE,
                                     .phase = name,
                                     .ms = clock_ms_exact() - start });
    return true;
}

static void note_undone(struct work *w, const char ***names, int from, int to)
{
    for (int p = from; p > to; p--)
        *ARENA_PUSH(w->arena, *names, w->result->n_undone) = w->run->program.phases[p].name;
    w->result->undone = *names;
}

static bool undo_all(struct work *w, int to, struct err *err)
{
    const char **names = NULL;
    int phase;

    while (w->run->state != RUN_UNDONE && (phase = standing(w->run)) > to) {
        bool begun = w->run->phase_state != PHASE_PENDING;

        if (!undo_phase(w, phase, err))
            return false;
        if (w->stopped)
            return true;
        if (begun) /* else the run was called off */
            note_undone(w, &names, phase, standing(w->run));
        if (clock_signal() && standing(w->run) > to) {
            err_set(err, ERR_INTERRUPTED, "stopped after the undo of %s",
                    w->run->program.phases[phase].name);
            return err->signal = clock_signal(), false;
        }
    }
    w->result->outcome = w->run->state == RUN_UNDONE ? OUT_UNDONE : OUT_ROLLED_BACK;
    /* Else the next hook would redo what somebody just undid. */
    return w->run->state == RUN_UNDONE ||
           store_pause(w->pg, w->run, true,
                       w->options->because ? w->options->because : "rolled back", err);
}

static bool busy(const struct work *w, struct err *err)
{
    const struct holder *h = &w->result->holder;

    err_set(err, ERR_BUSY,
            "plan %s is being worked on by pid %d (%s, since %s), which does not stop",
            w->run->name, h->pid, h->user ? h->user : "unknown role", h->since ? h->since : "?");
    return err_hint(err, "Wait for it, or end it: SELECT pg_terminate_backend(%d); then try again.",
                    h->pid);
}

/* Who asked for a phase to be undone that somebody else undid meanwhile has not asked for the one
 * before it. */
static bool undone_by_another(struct work *w, int from)
{
    w->result->by_another = w->run->state == RUN_UNDONE || standing(w->run) < from;
    return w->result->by_another && (!w->options->to || w->run->state == RUN_UNDONE);
}

static bool rollback(struct work *w, struct err *err)
{
    int to, from = standing(w->run);
    bool taken, ok = true;

    if (w->run->state == RUN_UNDONE)
        return true;
    if (!find_way(w, &to, err))
        return false;
    if (from <= to)
        return true;
    /* What has not begun can be called off anywhere. */
    if (w->run->phase_state != PHASE_PENDING && !work_same_place(w, err))
        return false;
    if (!work_take(w, true, &taken, err))
        return false;
    if (!taken)
        return busy(w, err);
    w->taken = true;
    /* The history may have moved before we took it; and only now it can be asked what has happened.
     */
    if (!undone_by_another(w, from))
        ok = find_way(w, &to, err) && (standing(w->run) <= to || undo_all(w, to, err));
    work_release(w);
    return ok;
}

bool exec_rollback(struct arena *arena, struct pg *pg, struct run *run,
                   const struct exec_options *options, struct exec_result *result, struct err *err)
{
    struct work w = {
        .arena = arena, .pg = pg, .run = run, .options = options, .result = result, .undo = true
    };
    int next;
    bool ok;

    *result = (struct exec_result){ .outcome = OUT_NOTHING_TO_DO };
    pg->deadline = options->max_time ? clock_ms() + options->max_time : 0;
    ok = rollback(&w, err);
    pg->deadline = 0;
    next = run_next_phase(run);
    result->next_phase =
        next >= 0 && (size_t)next < run->program.n_phases ? run->program.phases[next].name : NULL;
    return ok;
}
