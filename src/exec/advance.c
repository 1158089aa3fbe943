#include <string.h>

#include "gate.h"
#include "orchestrate/base/clock.h"
#include "orchestrate/base/text.h"

enum {
    STOP_WAIT_MS = 5000, /* for a backfill to come to the end of its batch */
    LOOK_WAIT_MS = 300,  /* for the backend of a killed process to go */
};

static const char *phase_name(const struct run *run, int phase)
{
    return phase >= 0 && (size_t)phase < run->program.n_phases ? run->program.phases[phase].name
                                                               : NULL;
}

bool work_take(struct work *w, bool stop_first, bool *taken, struct err *err)
{
    if (!store_take(w->arena, w->pg, w->run, stop_first, stop_first ? STOP_WAIT_MS : LOOK_WAIT_MS,
                    taken, &w->result->holder, err))
        return false;
    return !*taken || store_refresh(w->arena, w->pg, w->run, err);
}

void work_release(struct work *w)
{
    if (!pg_lost(w->pg))
        store_release(w->pg, w->run);
}

bool work_phase(const struct run *run, const char *name, int *phase, struct err *err)
{
    size_t n = run->program.n_phases;
    const char *names[64], *near;

    *phase = program_phase(&run->program, name);
    if (*phase >= 0)
        return true;
    for (size_t i = 0; i < n && i < ARRAY_LEN(names) - 1; i++)
        names[i] = run->program.phases[i].name;
    names[n < ARRAY_LEN(names) - 1 ? n : ARRAY_LEN(names) - 1] = NULL;
    near = text_nearest(name, names);
    err_set(err, ERR_USAGE, "plan %s has no phase %s", run->name, name);
    return near ? err_hint(err, "Did you mean %s?", near)
                : err_hint(err, "See `orchestrate status %s` for its phases.", run->name);
}

/* Is there anything for `advance`?  *go false: result says what there is instead. */
static bool look(struct work *w, int *target, bool *go, struct err *err)
{
    const struct run *run = w->run;
    int next = run_next_phase(run);

    *go = false;
    if (w->options->confirm && strcmp(w->options->confirm, run->name) != 0) {
        err_set(err, ERR_CONSENT, "--confirm %s is not the name of this plan", w->options->confirm);
        return err_hint(err, "Its name is %s.", run->name);
    }
    if (w->options->to && !work_phase(run, w->options->to, target, err))
        return false;
    if (run->state == RUN_UNDOING) {
        err_set(err, ERR_CHECK, "the undo of phase %s is not finished",
                phase_name(run, run->phase));
        return err_hint(err, "Continue it: orchestrate rollback %s", run->name);
    }
    if (!w->options->to)
        *target = next;
    *go = next >= 0 && *target >= next;
    if (!*go)
        w->result->outcome = OUT_NOTHING_TO_DO;
    return true;
}

/* Time is up: not an error, the same command goes on; nothing is left to be told of it. */
static bool time_is_up(struct work *w, struct err *err)
{
    if (err->code != ERR_INTERRUPTED || err->signal)
        return false;
    *err = (struct err){ 0 };
    w->stopped = true;
    w->result->outcome = OUT_IN_PROGRESS;
    return true;
}

static bool one_phase(struct work *w, int phase, struct err *err)
{
    const char *name = phase_name(w->run, phase);
    double start = clock_ms_exact();

    work_tell(w, (struct event){ .kind = EVENT_PHASE_STARTED, .phase = name });
    w->result->phase = name;
    if (!phase_run(w, &w->run->program.phases[phase], err))
        return time_is_up(w, err) || err_wrap(err, "phase %s of %s", name, w->run->name);
    if (!w->stopped)
        work_tell(w, (struct event){
                         .kind = EVENT_PHASE_DONE, .phase = name, .ms = clock_ms_exact() - start });
    return true;
}

static bool interrupted(const struct work *w, struct err *err)
{
    err_set(err, ERR_INTERRUPTED, "stopped before phase %s",
            phase_name(w->run, run_next_phase(w->run)));
    err->signal = clock_signal();
    return false;
}

/* A pause that came while the phase ran: said as the gate that holds it now. */
static bool paused_under_way(struct work *w, struct err *err)
{
    struct gate_answer *answers;
    size_t n;

    return store_refresh(w->arena, w->pg, w->run, err) &&
           gates_ask(w, run_next_phase(w->run), &answers, &n, err) && gates_verdict(w, err);
}

/* The run is ours: phase after phase, until the target or a closed gate. */
static bool carry_on(struct work *w, int target, struct err *err)
{
    struct gate_answer *answers;
    size_t n;
    int next;

    while ((next = run_next_phase(w->run)) >= 0 && next <= target) {
        if (!gates_ask(w, next, &answers, &n, err) || !gates_record(w, next, answers, n, err))
            return time_is_up(w, err);
        if (w->result->n_held_by)
            return w->result->phase ? true : gates_verdict(w, err);
        if (clock_signal())
            return interrupted(w, err);
        if (w->pg->deadline && clock_ms() > w->pg->deadline) {
            w->result->outcome = OUT_IN_PROGRESS;
            return true;
        }
        if (!one_phase(w, next, err))
            return false;
        if (w->stopped)
            return w->result->outcome != OUT_PAUSED || paused_under_way(w, err);
        w->result->outcome = w->run->state == RUN_COMPLETE ? OUT_COMPLETE : OUT_ADVANCED;
    }
    if (!w->result->phase)
        w->result->outcome = OUT_NOTHING_TO_DO;
    else if (w->options->deploy_id)
        return store_deploy_reached(w->pg, w->run, w->options->deploy_id, err);
    return true;
}

/* Who asked for a phase that somebody else did meanwhile has not asked for the one after it. */
static bool done_by_another(struct work *w, int next)
{
    if (w->options->to || (run_next_phase(w->run) <= next && w->run->state != RUN_COMPLETE))
        return false;
    w->result->n_held_by = 0;
    w->result->outcome = OUT_ALREADY_ADVANCED;
    return true;
}

/* Asked before the run is taken: a held plan costs a read and nothing else. */
static bool look_at_gates(struct work *w, int next, bool *go, struct err *err)
{
    struct gate_answer *answers;
    int64_t seq = w->run->seq;
    size_t n;

    *go = false;
    if (!gates_ask(w, next, &answers, &n, err))
        return time_is_up(w, err);
    *go = w->result->n_held_by == 0;
    if (*go)
        return true;
    /* What they see belongs to where the run stood: it must still stand there. */
    if (!store_refresh(w->arena, w->pg, w->run, err))
        return false;
    if (w->run->seq != seq) {
        *go = !done_by_another(w, next);
        return true;
    }
    return gates_record(w, next, answers, n, err) && gates_verdict(w, err);
}

/*
 * A table that is not there may have been dropped just now, by another process in the
 * last phase: that is looked at before anything is said about the table.
 */
static bool look_at_place(struct work *w, int next, bool *go, struct err *err)
{
    struct err found = { 0 };
    int64_t seq = w->run->seq;

    *go = true;
    if (work_same_place(w, &found))
        return true;
    if (!store_refresh(w->arena, w->pg, w->run, err))
        return false;
    if (w->run->seq == seq)
        return *err = found, false;
    if (run_state_is_live(w->run->state))
        return work_same_place(w, err);
    *go = false;
    if (!done_by_another(w, next))
        w->result->outcome = OUT_NOTHING_TO_DO;
    return true;
}

/*
 * A run may have been registered long ago, and its database may be another by now.
 * The run is ours: nobody else can have begun it meanwhile.
 */
static bool still_fits(struct work *w, struct err *err)
{
    const struct first_look *first = &w->options->first;
    bool begun = w->run->phase > 0 || w->run->phase_state != PHASE_PENDING;

    return begun || !first->look || first->look(first->context, w->run, err);
}

/* Somebody has undone a phase, or all, before the run was ours: it is not `target` that is next. */
static bool went_back(const struct work *w, int next)
{
    int now = run_next_phase(w->run);

    return now < 0 ? w->run->state != RUN_COMPLETE : !w->options->to && now < next;
}

/* It is paused by that; an undo that is not finished is to be carried on. */
static bool after_undo(struct work *w, struct err *err)
{
    int target = -1;
    bool go;

    w->result->outcome = OUT_NOTHING_TO_DO;
    if (!look(w, &target, &go, err))
        return false;
    return run_next_phase(w->run) < 0 || paused_under_way(w, err);
}

static bool advance(struct work *w, struct err *err)
{
    bool go, taken, ok = true;
    int target = -1, next;

    if (!look(w, &target, &go, err))
        return false;
    if (!go)
        return true;
    next = run_next_phase(w->run);
    if (!look_at_place(w, next, &go, err) || (go && !look_at_gates(w, next, &go, err)))
        return false;
    if (!go)
        return true;
    if (!work_take(w, false, &taken, err))
        return false;
    if (!taken)
        return w->result->outcome = OUT_IN_PROGRESS, true;
    if (went_back(w, next))
        ok = after_undo(w, err);
    else if (!done_by_another(w, next))
        ok = still_fits(w, err) && carry_on(w, target, err);
    work_release(w);
    return ok;
}

bool exec_advance(struct arena *arena, struct pg *pg, struct run *run,
                  const struct exec_options *options, struct exec_result *result, struct err *err)
{
    struct work w = { .arena = arena, .pg = pg, .run = run, .options = options, .result = result };
    bool ok;

    *result = (struct exec_result){ .outcome = OUT_NOTHING_TO_DO };
    pg->deadline = options->max_time ? clock_ms() + options->max_time : 0;
    ok = advance(&w, err);
    pg->deadline = 0;
    result->next_phase = phase_name(run, run_next_phase(run));
    return ok;
}
