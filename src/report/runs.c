/*
 * Runs, as `status` shows them.
 */
#include <inttypes.h>

#include "orchestrate/report/report.h"

/* "2026-01-02T03:04:05.678Z" -> "2026-01-02 03:04:05Z" */
static const char *moment(struct arena *arena, const char *iso)
{
    if (!iso)
        return "";
    if (strlen(iso) < 19)
        return iso;
    return arena_printf(arena, "%.10s %.8sZ", iso, iso + 11);
}

const char *report_holder(struct arena *arena, const struct holder *h)
{
    return arena_printf(arena, "pid %d%s%s%s%s%s%s%s%s", h->pid, h->user ? ", " : "",
                        h->user ? h->user : "", h->application ? ", " : "",
                        h->application ? h->application : "", h->client ? ", from " : "",
                        h->client ? h->client : "", h->since ? ", since " : "",
                        moment(arena, h->since));
}

/* An open gate may have something to say, too. */
static void open_gate(struct buf *out, const char *indent, const struct gate_answer *a)
{
    const char *how = a->overridden ? "overridden" : "open";

    if (a->reason && *a->reason)
        report_wrap(out, arena_printf(out->arena, "%snote: ", indent),
                    arena_printf(out->arena, "%s  ", indent),
                    arena_printf(out->arena, "gate %s is %s: %s", a->gate, how, a->reason));
}

void report_held_text(struct buf *out, const char *indent, const struct gate_answer *answers,
                      size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct gate_answer *a = &answers[i];
        const char *text;

        if (a->open || a->overridden) {
            open_gate(out, indent, a);
            continue;
        }
        text = arena_printf(out->arena, "%s: %s%s%s%s", a->gate, a->reason ? a->reason : "closed",
                            a->until ? " (until " : "", moment(out->arena, a->until),
                            a->until ? ")" : "");
        report_wrap(out, arena_printf(out->arena, "%sheld by ", indent),
                    arena_printf(out->arena, "%s  ", indent), text);
        if (a->next_command)
            buf_addf(out, "%s  %s\n", indent, a->next_command);
    }
}

static void phase_lines(struct buf *out, const struct run *run)
{
    const struct program *program = &run->program;
    int next = run_next_phase(run);

    buf_addf(out, "    %-12s %-8s %-21s %-21s %s\n", "phase", "state", "started", "finished",
             "undo");
    for (size_t i = 0; i < program->n_phases; i++) {
        const struct phase *phase = &program->phases[i];
        const struct phase_record *record = &run->records[i];
        const char *until = phase->undo_until && phase->undo != UNDO_NEVER ? phase->undo_until : "";

        if (phase->deploy_before)
            buf_add(out, "    -- deploy --\n");
        buf_addf(out, "  %c %-12s %-8s %-21s %-21s %s%s%s\n", (int)i == next ? '>' : ' ',
                 phase->name, phase_state_name(record->state),
                 moment(out->arena, record->started_at), moment(out->arena, record->finished_at),
                 undo_kind_name(phase->undo), *until ? ", " : "", until);
    }
}

static void run_text(struct buf *out, const struct run_view *view)
{
    const struct run *run = view->run;
    int next = run_next_phase(run);

    buf_addf(out, "%s: %s%s (run %" PRId64 "%s%s)\n", run->name, run_state_name(run->state),
             run->paused ? ", paused" : "", run->id, *run->app ? ", app " : "", run->app);
    if (run->description && *run->description)
        report_wrap(out, "  ", "  ", run->description);
    phase_lines(out, run);
    if (run->paused && run->paused_because && *run->paused_because)
        report_wrap(out, "  paused: ", "    ", run->paused_because);
    if (view->step)
        buf_addf(out, "  backfill %s: %" PRId64 " rows written%s\n", view->step, view->rows,
                 view->percent >= 0
                     ? arena_printf(out->arena, ", %d %% of the table", view->percent)
                     : "");
    if (view->holder.pid)
        buf_addf(out, "  worked on by %s\n", report_holder(out->arena, &view->holder));
    if (next >= 0 && next < (int)run->program.n_phases)
        buf_addf(out, "  %s: %s\n", run->state == RUN_READY ? "next" : "to be finished",
                 run->program.phases[next].name);
    if (run->state == RUN_UNDOING)
        buf_addf(out, "  an undo is under way; `orchestrate rollback %s` carries on\n", run->name);
    report_held_text(out, "  ", view->held_by, view->n_held_by);
}

void report_runs_text(struct buf *out, const struct run_view *views, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add(out, "\n");
        run_text(out, &views[i]);
    }
}

static void phases_json(struct json *j, const struct run *run)
{
    json_open(j, "phases", '[');
    for (size_t i = 0; i < run->program.n_phases; i++) {
        json_open(j, NULL, '{');
        json_text(j, "name", run->program.phases[i].name);
        json_text(j, "state", phase_state_name(run->records[i].state));
        json_text(j, "started_at", run->records[i].started_at);
        json_text(j, "finished_at", run->records[i].finished_at);
        json_text(j, "undo", undo_kind_name(run->program.phases[i].undo));
        json_text(j, "undo_until", run->program.phases[i].undo_until);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void progress_json(struct json *j, const struct run_view *view)
{
    if (!view->step) {
        json_null(j, "progress");
        return;
    }
    json_open(j, "progress", '{');
    json_text(j, "step", view->step);
    json_int(j, "rows", view->rows);
    if (view->percent >= 0)
        json_int(j, "percent", view->percent);
    else
        json_null(j, "percent");
    json_close(j, '}');
}

void report_holder_json(struct json *j, const struct holder *holder)
{
    if (!holder->pid) {
        json_null(j, "holder");
        return;
    }
    json_open(j, "holder", '{');
    json_int(j, "pid", holder->pid);
    json_text(j, "user", holder->user);
    json_text(j, "application", holder->application);
    json_text(j, "client", holder->client);
    json_text(j, "since", holder->since);
    json_close(j, '}');
}

static const char *phase_name(const struct run *run, int index)
{
    return index >= 0 && index < (int)run->program.n_phases ? run->program.phases[index].name
                                                            : NULL;
}

static void run_json(struct json *j, const struct run_view *view)
{
    const struct run *run = view->run;

    json_open(j, NULL, '{');
    json_text(j, "plan", run->name);
    json_int(j, "run", run->id);
    json_text(j, "state", run_state_name(run->state));
    json_bool(j, "paused", run->paused);
    json_text(j, "paused_because", run->paused_because);
    json_text(j, "phase", phase_name(run, run_last_phase(run)));
    json_text(j, "next_phase", phase_name(run, run_next_phase(run)));
    phases_json(j, run);
    report_held_json(j, view->held_by, view->n_held_by);
    progress_json(j, view);
    report_holder_json(j, &view->holder);
    json_close(j, '}');
}

void report_runs_json(struct json *j, const char *key, const struct run_view *views, size_t n)
{
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++)
        run_json(j, &views[i]);
    json_close(j, ']');
}
