#include "say.h"

void say_answer(struct answer *answer, const struct run *run, const struct exec_result *result,
                const struct progress *progress)
{
    answer_run(answer, run);
    answer->outcome = result->outcome;
    answer->phase = result->phase;
    answer->holder = result->holder;
    answer->held_by = result->held_by;
    answer->n_held_by = result->n_held_by;
    answer->events = progress->events;
    answer->n_events = progress->n_events;
}

static const struct phase *phase_named(const struct run *run, const char *name)
{
    int index = name ? program_phase(&run->program, name) : -1;

    return index >= 0 ? &run->program.phases[index] : NULL;
}

/* What has to be deployed now, and what comes then. */
static void say_next(struct buf *out, const struct run *run, const struct exec_result *result)
{
    const struct phase *done = phase_named(run, result->phase);
    const struct phase *next = phase_named(run, result->next_phase);

    if (done && done->note)
        report_wrap(out, "  note: ", "    ", done->note);
    if (!next)
        return;
    buf_addf(out, "  next: %s%s\n", next->name, next->deploy_before ? ", after the deploy" : "");
    if (result->n_held_by)
        report_held_text(out, "  ", run, result->held_by, result->n_held_by, false);
}

static void say_in_progress(struct buf *out, const struct run *run,
                            const struct exec_result *result)
{
    if (result->holder.pid)
        buf_addf(out, "%s: %s is worked on by another process: %s\n", run->name,
                 result->next_phase ? result->next_phase : "it",
                 report_holder(out->arena, &result->holder));
    else
        buf_addf(out, "%s: time is up%s%s; the same command goes on\n", run->name,
                 result->phase ? " in phase " : "", result->phase ? result->phase : "");
}

/* Where the phase that was asked for is behind the run, that says more than its state. */
static void say_nothing_to_do(struct buf *out, const struct run *run, const char *to)
{
    int target = to ? program_phase(&run->program, to) : -1;

    if (target >= 0 && target <= run_last_phase(run) && run->state != RUN_UNDONE)
        buf_addf(out, "%s: %s is done already\n", run->name, to);
    else
        buf_addf(out, "%s: nothing to do (%s)\n", run->name, run_state_name(run->state));
    if (run->state == RUN_UNDONE)
        buf_add(out, "  to begin anew: orchestrate start --again FILE\n");
}

void say_advanced(struct buf *out, const struct run *run, const struct exec_result *result,
                  const char *to)
{
    switch (result->outcome) {
    case OUT_ADVANCED:
        buf_addf(out, "%s: %s is done\n", run->name, result->phase);
        say_next(out, run, result);
        break;
    case OUT_COMPLETE:
        buf_addf(out, "%s: %s is done; the plan is complete\n", run->name, result->phase);
        break;
    case OUT_HELD:
        buf_addf(out, "%s: %s is held\n", run->name,
                 result->next_phase ? result->next_phase : "the next phase");
        report_held_text(out, "  ", run, result->held_by, result->n_held_by, false);
        break;
    case OUT_IN_PROGRESS:
        say_in_progress(out, run, result);
        break;
    case OUT_ALREADY_ADVANCED:
        buf_addf(out, "%s: another process has just done the phase\n", run->name);
        break;
    default:
        say_nothing_to_do(out, run, to);
        break;
    }
}

#define ENDED "  the run has ended; to begin anew: orchestrate start --again FILE\n"

static void say_nothing_to_undo(struct buf *out, const struct run *run, const char *to)
{
    int kept = to ? program_phase(&run->program, to) : -1;

    if (run->state == RUN_UNDONE || kept < 0)
        buf_addf(out, "%s: nothing to undo (%s)\n", run->name, run_state_name(run->state));
    else if (kept > run_last_phase(run))
        buf_addf(out, "%s: nothing to undo: %s has not been done\n", run->name, to);
    else
        buf_addf(out, "%s: nothing to undo: %s is the last phase that was done\n", run->name, to);
}

void say_rolled_back(struct buf *out, const struct run *run, const struct exec_result *result,
                     const char *to)
{
    if (!result->n_undone) {
        if (result->outcome == OUT_IN_PROGRESS)
            say_in_progress(out, run, result);
        else if (result->outcome == OUT_UNDONE)
            buf_addf(out,
                     "%s: called off; no phase had begun, so there was nothing to undo\n" ENDED,
                     run->name);
        else if (result->by_another)
            buf_addf(out, "%s: nothing to undo: another process has just done it\n", run->name);
        else
            say_nothing_to_undo(out, run, to);
        return;
    }
    buf_addf(out, "%s: undone", run->name);
    for (size_t i = 0; i < result->n_undone; i++)
        buf_addf(out, "%s %s", i ? "," : "", result->undone[i]);
    buf_add(out, "\n");
    if (result->outcome == OUT_UNDONE)
        buf_add(out, ENDED);
    else
        buf_addf(out,
                 "  paused, so that the next deploy does not do it again; to go on: "
                 "orchestrate resume %s\n",
                 run->name);
}

static void say_sql(struct buf *out, const struct run *run, const struct step *step)
{
    buf_addf(out, "-- %s%s%s\n", step->id, step->title ? ": " : "", step->title ? step->title : "");
    report_step_sql(out, step, &run->settings);
}

static void say_lock(struct buf *out, const struct run *run, const struct step *step)
{
    report_wrap(out, "  - ", "    ",
                arena_printf(out->arena, "%s - %s",
                             step->title ? step->title : step_kind_name(step->kind),
                             report_step_lock(out->arena, step, &run->settings)));
}

void say_steps(struct buf *out, const struct run *run, int from, int to, bool undo, bool sql)
{
    for (int p = from;; p += from <= to ? 1 : -1) {
        const struct phase *phase = &run->program.phases[p];
        const struct step *steps = undo ? phase->undo_steps : phase->steps;
        size_t n = undo ? phase->n_undo_steps : phase->n_steps;

        buf_addf(out, sql ? "\n-- %s%s\n" : "\n%s%s\n", undo ? "undo of " : "", phase->name);
        for (size_t i = 0; i < n; i++)
            (sql ? say_sql : say_lock)(out, run, &steps[i]);
        if (!n)
            buf_add(out, sql ? "-- nothing\n" : "  - nothing\n");
        if (p == to)
            break;
    }
    if (!sql)
        buf_add(out, "\n-v shows the SQL.\n");
}
