/*
 * Runs, as `status` shows them.
 */
#include <inttypes.h>

#include "orchestrate/report/report.h"
#include "orchestrate/state/machine.h"

const char *report_holder(struct arena *arena, const struct holder *h)
{
    return arena_printf(arena, "pid %d%s%s%s%s%s%s%s%s", h->pid, h->user ? ", " : "",
                        h->user ? h->user : "", h->application ? ", " : "",
                        h->application ? h->application : "", h->client ? ", from " : "",
                        h->client ? h->client : "", h->since ? ", since " : "",
                        report_moment(arena, h->since));
}

/* "2026-01-02 03:04:05Z" is as wide as this. */
enum { MOMENT = 21 };

/* What is the same for every phase is said once, below the table. */
static const char *common_until(const struct program *program)
{
    const char *until = NULL;

    for (size_t i = 0; i < program->n_phases; i++) {
        const struct phase *phase = &program->phases[i];

        if (phase->undo == UNDO_NEVER || !phase->undo_until)
            continue;
        if (until && strcmp(until, phase->undo_until) != 0)
            return NULL;
        until = phase->undo_until;
    }
    return until;
}

static bool has_undo(const struct program *program, enum undo_kind undo)
{
    for (size_t i = 0; i < program->n_phases; i++)
        if (program->phases[i].undo == undo)
            return true;
    return false;
}

/* The phase of no return that is under way, or has failed; NULL: none. */
static const char *leaving(const struct run *run)
{
    for (size_t i = 0; i < run->program.n_phases; i++)
        if (run->program.phases[i].undo == UNDO_NEVER &&
            (run->records[i].state == PHASE_RUNNING || run->records[i].state == PHASE_FAILED))
            return run->program.phases[i].name;
    return NULL;
}

static void undo_lines(struct buf *out, const struct run *run)
{
    const struct program *program = &run->program;
    static const char *const meanings[] = {
        [UNDO_INSTANT] = NULL,
        [UNDO_CATCH_UP] = "catch_up: data written since is copied back first",
        [UNDO_LOSSY] = "lossy: destroys values that are held nowhere else",
        [UNDO_NEVER] = NULL,
    };
    const char *until = common_until(program), *last = leaving(run);

    if (last)
        buf_addf(out, "  undo is possible only as long as %s has not done what cannot be undone\n",
                 last);
    else if (until)
        buf_addf(out, "  undo is possible %s\n", until);
    for (int u = 0; u < (int)ARRAY_LEN(meanings); u++)
        if (meanings[u] && has_undo(program, (enum undo_kind)u))
            buf_addf(out, "  %s\n", meanings[u]);
}

static void phase_lines(struct buf *out, const struct run *run)
{
    const struct program *program = &run->program;
    const char *common = common_until(program);
    int next = run_next_phase(run);

    buf_addf(out, "    %-12s %-8s %-*s %-*s %s\n", "phase", "state", MOMENT, "started", MOMENT,
             "finished", "undo");
    for (size_t i = 0; i < program->n_phases; i++) {
        const struct phase *phase = &program->phases[i];
        const struct phase_record *record = &run->records[i];
        bool own = !common && phase->undo_until && phase->undo != UNDO_NEVER;

        if (phase->deploy_before)
            buf_add(out, "    -- deploy --\n");
        buf_addf(out, "  %c %-12s %-8s %-*s %-*s %s%s%s\n", (int)i == next ? '>' : ' ', phase->name,
                 phase_state_name(record->state), MOMENT,
                 report_moment(out->arena, record->started_at), MOMENT,
                 report_moment(out->arena, record->finished_at), undo_kind_name(phase->undo),
                 own ? ", " : "", own ? phase->undo_until : "");
    }
    if (run_state_is_live(run->state))
        undo_lines(out, run);
}

static void progress_line(struct buf *out, const struct run_view *view)
{
    const char *percent =
        view->percent >= 0 ? arena_printf(out->arena, " (%d %%)", view->percent) : "";

    if (!view->step)
        return;
    buf_addf(out, "  backfill: %s rows written", report_thousands(out->arena, view->rows));
    if (view->total > view->rows)
        buf_addf(out, " of about %s", report_thousands(out->arena, view->total));
    else if (*percent)
        percent = arena_printf(out->arena, ", %d %% of the table swept", view->percent);
    buf_addf(out, "%s\n", percent);
}

/* What `orchestrate set` put in the place of the plan's settings. */
static void settings_lines(struct buf *out, const struct run *run)
{
    size_t count;
    const struct setting *rows = settings_table(&count);

    for (size_t i = 0; i < count; i++) {
        const char *now = setting_text(out->arena, &rows[i], &run->settings);
        const char *plan = setting_text(out->arena, &rows[i], &run->plan_settings);

        if (strcmp(now, plan) != 0)
            buf_addf(out, "  set: %s is %s; the plan says %s\n", rows[i].key, now, plan);
    }
}

static void settings_json(struct json *j, const struct run *run)
{
    size_t count;
    const struct setting *rows = settings_table(&count);

    json_open(j, "set", '{');
    for (size_t i = 0; i < count; i++) {
        const char *now = setting_text(j->out->arena, &rows[i], &run->settings);

        if (strcmp(now, setting_text(j->out->arena, &rows[i], &run->plan_settings)) != 0)
            json_text(j, rows[i].key, now);
    }
    json_close(j, '}');
}

static void run_text(struct buf *out, const struct run_view *view, bool notes)
{
    const struct run *run = view->run;
    int next = run_next_phase(run);

    buf_addf(out, "%s: %s%s (run %" PRId64 "%s%s)\n", run->name, run_state_name(run->state),
             run->paused ? ", paused" : "", run->id, *run->app ? ", app " : "", run->app);
    if (run->description && *run->description)
        report_wrap(out, "  ", "  ", run->description);
    phase_lines(out, run);
    if (run->gates_off)
        buf_addf(out, "  gates of the plan are off: it was started in environment %s\n",
                 run->gates_off);
    if (run->paused && run->paused_because && *run->paused_because)
        report_wrap(out, "  paused: ", "    ", run->paused_because);
    settings_lines(out, run);
    progress_line(out, view);
    if (view->holder.pid)
        buf_addf(out, "  worked on by %s\n", report_holder(out->arena, &view->holder));
    if (next >= 0 && next < (int)run->program.n_phases)
        buf_addf(out, "  %s: %s\n", run->state == RUN_READY ? "next" : "to be finished",
                 run->program.phases[next].name);
    if (run->state == RUN_UNDOING)
        buf_addf(out, "  an undo is under way; `orchestrate rollback %s` carries on\n", run->name);
    report_held_text(out, "  ", run, view->held_by, view->n_held_by, notes);
}

void report_runs_text(struct buf *out, const struct run_view *views, size_t n, bool notes)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add(out, "\n");
        run_text(out, &views[i], notes);
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
    if (view->total > 0)
        json_int(j, "total", view->total);
    else
        json_null(j, "total");
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
    json_text(j, "gates_off", run->gates_off);
    json_text(j, "phase", phase_name(run, run_last_phase(run)));
    json_text(j, "next_phase", phase_name(run, run_next_phase(run)));
    phases_json(j, run);
    report_held_json(j, view->held_by, view->n_held_by);
    settings_json(j, run);
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
