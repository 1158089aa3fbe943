#include <inttypes.h>

#include "command.h"
#include "orchestrate/base/text.h"
#include "prepare.h"
#include "sql_cli.h"
#include "target.h"

/* What the gates of the phase that would be next say. */
static bool ask_gates(struct cli *cli, struct run_view *view, struct err *err)
{
    struct gate_answer *answers = NULL;
    int next = run_next_phase(view->run);

    if (view->run->state != RUN_READY || next < 0)
        return true;
    if (!store_gates(cli->arena, &cli->pg, view->run, next,
                     &(struct gate_query){ .local = local_gate(cli) }, &answers, &view->n_held_by,
                     err))
        return false;
    view->held_by = answers;
    return true;
}

/* A cursor that reads "done/all", as that of the page sweep, tells how far it is; -1: it does not.
 */
static int percent_of(const char *cursor)
{
    char *end;
    long long done = strtoll(cursor, &end, 10), all = *end == '/' ? strtoll(end + 1, &end, 10) : 0;

    return all > 0 && !*end && done <= all ? (int)(done * 100 / all) : -1;
}

/* How many rows there are, as estimated; then the percentage is one of rows, as in the bar. */
static bool count_rows(struct cli *cli, struct run_view *view, const char *relation,
                       struct err *err)
{
    const struct program *program = &view->run->program;
    CLEANUP(pg_result) PGresult *res = NULL;
    const char *relid = NULL;

    for (size_t i = 0; i < program->n_claims; i++)
        if (text_same(program->claims[i].relation, relation))
            relid = arena_printf(cli->arena, "%" PRIu32, program->claims[i].relid);
    if (!relid)
        return true;
    if (!pg_query(&cli->pg, &res, sql_size, PG_ARGS(relid), err))
        return err_wrap(err, "looking at sizes");
    if (PQntuples(res) && pg_text(cli->arena, res, 0, "rows"))
        view->total = pg_int(res, 0, "rows");
    if (view->total > view->rows)
        view->percent = (int)(view->rows * 100 / view->total);
    return true;
}

static bool find_progress(struct cli *cli, struct run_view *view, struct err *err)
{
    const struct run *run = view->run;
    const struct phase *phase = &run->program.phases[run->phase];
    struct checkpoint cp = { 0 };

    if (run->state != RUN_RUNNING && run->state != RUN_FAILED)
        return true;
    for (size_t i = 0; i < phase->n_steps; i++) {
        if (phase->steps[i].kind != STEP_BACKFILL)
            continue;
        if (!store_checkpoint_load(cli->arena, &cli->pg, run, false, i, &cp, err))
            return false;
        if (cp.cursor) {
            view->step = phase->steps[i].id;
            view->rows = cp.rows;
            view->percent = percent_of(cp.cursor);
            if (!count_rows(cli, view, phase->steps[i].relation, err))
                return false;
        }
    }
    return true;
}

/* Known before the first phase runs into it. */
static bool find_conflicts(struct cli *cli, const struct run *run, struct err *err)
{
    const char *message;

    if (run->phase != 0 || run->phase_state != PHASE_PENDING)
        return true;
    for (size_t i = 0; i < run->program.n_claims; i++) {
        if (!claim_conflict(cli, &run->program, &run->program.claims[i], run->id, &message, err))
            return false;
        if (message)
            cli_warn(cli, "claimed", "%s: %s", run->name, message);
    }
    return true;
}

static bool view_run(struct cli *cli, struct run *run, struct run_view *view, struct err *err)
{
    *view = (struct run_view){ .run = run };
    return ask_gates(cli, view, err) && find_conflicts(cli, run, err) &&
           find_progress(cli, view, err) &&
           store_holder(cli->arena, &cli->pg, run->id, &view->holder, err);
}

/* The runs that were asked for. */
static bool find_runs(struct cli *cli, struct run **runs, size_t *n, struct err *err)
{
    struct run_name *names = NULL;
    size_t count = 0;

    *runs = NULL;
    *n = 0;
    if (cli->n_args)
        return target_named(cli, ARENA_PUSH(cli->arena, *runs, *n), err);
    if (!target_live(cli, &names, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!store_load(cli->arena, &cli->pg, names[i].id, ARENA_PUSH(cli->arena, *runs, *n), err))
            return false;
    return true;
}

static void answer_views(struct cli *cli, const struct run_view *views, size_t n)
{
    struct buf more = BUF_IN(cli->arena);
    struct json j = { .out = &more };

    report_runs_json(&j, "plans", views, n);
    cli->answer.more = buf_text(&more);
    if (n == 1) {
        int last = run_last_phase(views[0].run);

        answer_run(&cli->answer, views[0].run);
        cli->answer.phase = last >= 0 ? views[0].run->program.phases[last].name : NULL;
        cli->answer.held_by = views[0].held_by;
        cli->answer.n_held_by = views[0].n_held_by;
    }
    if (n == 0)
        target_none(cli, "");
    report_runs_text(&cli->text, views, n, cli->options.verbose > 0);
}

/* Would a call now have something to do? */
static bool is_due(const struct run_view *view)
{
    const struct run *run = view->run;

    if (!run_state_is_live(run->state) || view->holder.pid)
        return false;
    if (run->state != RUN_READY)
        return run->state == RUN_UNDOING || !run->paused;
    for (size_t i = 0; i < view->n_held_by; i++)
        if (!view->held_by[i].open)
            return false;
    return true;
}

/* --detailed-exitcode: the worst of the plans, as everywhere. */
static void tell_by_exit(struct cli *cli, const struct run_view *views, size_t n)
{
    bool due = false, busy = false;

    for (size_t i = 0; i < n; i++) {
        due = due || is_due(&views[i]);
        busy = busy || views[i].holder.pid;
    }
    if (!due && !busy)
        return;
    cli->answer.outcome = busy ? OUT_IN_PROGRESS : OUT_PENDING;
    cli->answer.exits = busy ? 4 : 2;
}

bool check_status(struct cli *cli, struct err *err)
{
    return target_check_app(cli, err);
}

bool cmd_status(struct cli *cli, struct err *err)
{
    struct run *runs;
    struct run_view *views = NULL;
    size_t n, k = 0;

    if (!find_runs(cli, &runs, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!view_run(cli, &runs[i], ARENA_PUSH(cli->arena, views, k), err))
            return false;
    answer_views(cli, views, n);
    if (cli->options.detailed_exitcode)
        tell_by_exit(cli, views, n);
    return true;
}
