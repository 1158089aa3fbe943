/*
 * What has become of the steps of a phase that is to be undone.
 *
 * A record tells of most of them.  Of a plan's own that share no transaction with it the
 * database is asked: nobody but `verify`, or the catalog, knows whether one that failed, or
 * was cut short, has happened all the same.
 */
#include <string.h>

#include "work.h"

bool deeds_own(const struct phase *phase)
{
    return phase->n_steps && phase->steps[0].custom;
}

static bool is_undo_of(const struct step *undo, const struct step *step)
{
    size_t n = strlen(step->id);

    return strncmp(undo->id, step->id, n) == 0 && undo->id[n] == '/';
}

const struct step *deeds_forward(const struct phase *phase, const struct step *undo)
{
    for (size_t i = 0; i < phase->n_steps; i++)
        if (is_undo_of(undo, &phase->steps[i]))
            return &phase->steps[i];
    return NULL;
}

bool deeds_clears_up(const struct step *undo)
{
    return undo->next && !undo->sql;
}

/* Whether it makes a difference if the step has happened: something is to be done then, or nothing
 * can be. */
static bool matters(const struct phase *phase, const struct step *step, const bool *undone)
{
    bool left = false, any = false;

    for (size_t i = 0; i < phase->n_undo_steps; i++)
        if (is_undo_of(&phase->undo_steps[i], step) && !deeds_clears_up(&phase->undo_steps[i])) {
            any = true;
            left |= !undone[i];
        }
    return any ? left : step->loses;
}

/* The way out when nobody can tell. */
static bool cannot_tell(const struct work *w, const struct step *step, struct err *err)
{
    const char *name = w->run->name;

    err_wrap(err, "step %s is not recorded, and may have happened", step->id);
    if (*err->hint)
        return false;
    return err_hint(err,
                    "Nothing was undone. Make it possible to ask, then roll back again; or give "
                    "the run up as it stands: `orchestrate repair %s --forget --confirm %s`.",
                    name, name);
}

/* Has it happened in part, and an undo step stands ready to do the rest?  So an index is dropped.
 */
static bool half_done(struct work *w, const struct phase *phase, const struct step *step, bool *yes,
                      struct err *err)
{
    *yes = false;
    for (size_t i = 0; i < phase->n_undo_steps && !*yes; i++) {
        struct step_work sw = { .work = w, .phase = phase, .step = &phase->undo_steps[i] };

        if (is_undo_of(sw.step, step) && deeds_clears_up(sw.step) && !alone_left(&sw, yes, err))
            return false;
    }
    return true;
}

/*
 * An own step that shares no transaction with its record, which is not there.  As long as
 * another process may be at work on it there is hope.
 */
static bool ask(struct work *w, const struct phase *phase, const struct step *step, enum deed *deed,
                struct err *err)
{
    struct step_work sw = { .work = w, .phase = phase, .step = step };
    bool yes;

    *deed = DEED_PART;
    if (step->kind != STEP_ALONE || (!step->publish && !step->done))
        return true;
    /* What is published has its name if and only if the step is recorded. */
    *deed = DEED_REFUTED;
    if (step->publish || !w->taken)
        return true;
    if (!alone_happened(&sw, &yes, err) || (!yes && !half_done(w, phase, step, &yes, err)))
        return cannot_tell(w, step, err);
    *deed = yes ? DEED_DONE : DEED_REFUTED;
    return true;
}

static bool shares_its_record(const struct step *step)
{
    return step->kind == STEP_DDL || step->kind == STEP_SQL ||
           (step->custom && step->kind == STEP_CHECK);
}

bool deeds_read(struct work *w, const struct phase *phase, enum deed **deeds, struct err *err)
{
    size_t n = phase->n_steps;
    bool *done = arena_alloc(w->arena, n + 1), *attempted = arena_alloc(w->arena, n + 1);
    bool *undone = arena_alloc(w->arena, phase->n_undo_steps + 1);
    bool begun = w->run->phase_state != PHASE_PENDING;
    bool undoing = w->run->phase_state == PHASE_UNDOING;

    *deeds = arena_alloc(w->arena, (n + 1) * sizeof **deeds);
    if ((begun && (!store_steps_done(w->pg, w->run, false, done, n, err) ||
                   !store_steps_attempted(w->pg, w->run, attempted, n, err))) ||
        (undoing && !store_steps_done(w->pg, w->run, true, undone, phase->n_undo_steps, err)))
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct step *step = &phase->steps[i];

        if (done[i])
            (*deeds)[i] = DEED_DONE;
        else if (!begun || shares_its_record(step) || (step->custom && !attempted[i]))
            (*deeds)[i] = DEED_NOT;
        else if (!step->custom || !matters(phase, step, undone))
            (*deeds)[i] = DEED_PART;
        else if (!ask(w, phase, step, &(*deeds)[i], err))
            return false;
    }
    return true;
}

/* Has this happened, or may it have? */
static bool stands(enum deed deed)
{
    return deed == DEED_DONE || deed == DEED_PART;
}

bool deeds_past_return(const struct phase *phase, const enum deed *deeds)
{
    for (size_t i = 0; i < phase->n_steps; i++)
        if (phase->steps[i].loses && stands(deeds[i]))
            return true;
    return !deeds_own(phase);
}

bool deeds_lose(const struct phase *phase, const enum deed *deeds)
{
    for (size_t i = 0; i < phase->n_undo_steps; i++) {
        const struct step *undo = &phase->undo_steps[i], *forward = deeds_forward(phase, undo);

        if (undo->loses && (!forward || stands(deeds[forward - phase->steps])))
            return true;
    }
    return false;
}
