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
    report_held_text(out, "  ", result->held_by, result->n_held_by);
}

static void say_in_progress(struct buf *out, const struct run *run,
                            const struct exec_result *result)
{
    if (result->holder.pid)
        buf_addf(out, "%s: worked on by another process: %s\n", run->name,
                 report_holder(out->arena, &result->holder));
    else
        buf_addf(out, "%s: time is up%s%s; the same command goes on\n", run->name,
                 result->phase ? " in phase " : "", result->phase ? result->phase : "");
}

void say_advanced(struct buf *out, const struct run *run, const struct exec_result *result)
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
        report_held_text(out, "  ", result->held_by, result->n_held_by);
        break;
    case OUT_IN_PROGRESS:
        say_in_progress(out, run, result);
        break;
    case OUT_ALREADY_ADVANCED:
        buf_addf(out, "%s: this deploy has had its phase already\n", run->name);
        break;
    default:
        buf_addf(out, "%s: nothing to do (%s)\n", run->name, run_state_name(run->state));
        break;
    }
}

void say_rolled_back(struct buf *out, const struct run *run, const struct exec_result *result)
{
    if (!result->n_undone) {
        if (result->outcome == OUT_IN_PROGRESS)
            say_in_progress(out, run, result);
        else
            buf_addf(out, "%s: nothing to undo (%s)\n", run->name, run_state_name(run->state));
        return;
    }
    buf_addf(out, "%s: undone", run->name);
    for (size_t i = 0; i < result->n_undone; i++)
        buf_addf(out, "%s %s", i ? "," : "", result->undone[i]);
    buf_add(out, "\n");
    if (result->outcome == OUT_UNDONE)
        buf_add(out, "  the run has ended; to begin anew: orchestrate start --again FILE\n");
    else
        buf_addf(out,
                 "  paused, so that the next deploy does not do it again; to go on: "
                 "orchestrate resume %s\n",
                 run->name);
}

void say_sql(struct buf *out, const struct run *run, int from, int to, bool undo)
{
    for (int p = from;; p += from <= to ? 1 : -1) {
        const struct phase *phase = &run->program.phases[p];
        const struct step *steps = undo ? phase->undo_steps : phase->steps;
        size_t n = undo ? phase->n_undo_steps : phase->n_steps;

        buf_addf(out, "\n-- %s%s\n", undo ? "undo of " : "", phase->name);
        for (size_t i = 0; i < n; i++) {
            buf_addf(out, "-- %s%s%s\n", steps[i].id, steps[i].title ? ": " : "",
                     steps[i].title ? steps[i].title : "");
            report_step_sql(out, &steps[i], &run->settings);
        }
        if (!n)
            buf_add(out, "-- nothing\n");
        if (p == to)
            break;
    }
}
