/*
 * gate: questions of a pipeline, answered by the exit status; nothing is changed.
 */
#include "command.h"
#include "orchestrate/base/clock.h"
#include "orchestrate/base/json.h"
#include "questions.h"
#include "target.h"

enum { POLL_MS = 500 };

/* Without a question it is whether the next phase may start. */
static bool asks_for_start(const struct options *o)
{
    return o->phase || (!o->done && !o->app_version && !o->rollback_to);
}

/* The question, for whoever reads the answer later; what was not asked is null. */
static const char *asked(struct arena *arena, const struct options *o, const struct run *run)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };
    int next = run_next_phase(run);

    json_open(&j, "asked", '{');
    json_text(&j, "phase",
              o->phase || !asks_for_start(o) || next < 0 ? o->phase
                                                         : run->program.phases[next].name);
    json_text(&j, "done", o->done);
    json_text(&j, "app_version", o->app_version);
    json_text(&j, "rollback_to", o->rollback_to);
    json_close(&j, '}');
    return buf_text(&out);
}

/* All that is asked of one run. */
static bool ask(struct inquiry *q, struct err *err)
{
    const struct options *o = &q->cli->options;

    return (!asks_for_start(o) || question_start(q, o->phase, err)) &&
           (!o->done || question_done(q, o->done, err)) &&
           (!o->app_version || question_version(q, o->app_version, false, err)) &&
           (!o->rollback_to || question_version(q, o->rollback_to, true, err));
}

static void finish(struct inquiry *q)
{
    struct answer *a = q->answer;

    answer_run(a, q->run);
    a->held_by = q->gates;
    a->n_held_by = q->n_gates;
    a->outcome = q->closed ? OUT_HELD : q->nothing_left ? OUT_NOTHING_TO_DO : OUT_OK;
    a->exits = q->closed ? 3 : 0;
}

static bool one(struct cli *cli, struct arena *arena, int64_t id, struct answer *answer,
                struct buf *text, struct err *err)
{
    struct inquiry q = { .cli = cli,
                         .arena = arena,
                         .run = arena_alloc(arena, sizeof *q.run),
                         .answer = answer,
                         .text = text };

    if (!store_load(arena, &cli->pg, id, q.run, err))
        return false;
    answer->more = asked(arena, &cli->options, q.run);
    if (!ask(&q, err))
        return false;
    finish(&q);
    return true;
}

/* The runs that are asked about; and their answers, in one arena. */
struct round {
    const struct run_name *runs;
    size_t n;
    struct answer *answers;
    struct buf text;
};

static void all(struct cli *cli, struct arena *arena, struct round *r)
{
    r->answers = arena_alloc(arena, (r->n + 1) * sizeof *r->answers);
    r->text = BUF_IN(arena);
    for (size_t i = 0; i < r->n; i++) {
        struct answer *a = &r->answers[i];

        *a = (struct answer){ .command = cli->answer.command,
                              .plan = r->runs[i].name,
                              .run = r->runs[i].id };
        if (!one(cli, arena, r->runs[i].id, a, &r->text, &a->err) && !cli->n_args)
            err_wrap(&a->err, "%s", a->plan);
    }
}

static bool is_held(const struct round *r)
{
    bool held = false;

    for (size_t i = 0; i < r->n; i++) {
        if (r->answers[i].err.code != ERR_NONE)
            return false;
        held = held || r->answers[i].exits;
    }
    return held;
}

/* Until everything is open, or --wait is over. */
static bool wait_for(struct cli *cli, struct round *r, struct err *err)
{
    int64_t end = cli->began + cli->options.wait;

    while (cli->options.wait) {
        CLEANUP(arena) struct arena arena = { 0 };
        struct answer before = cli->answer;
        int64_t left = end - clock_ms();

        all(cli, &arena, r);
        cli->answer = before;
        if (left <= 0 || !is_held(r))
            return true;
        if (!clock_sleep(left < POLL_MS ? left : POLL_MS)) {
            err_set(err, ERR_INTERRUPTED, "stopped while waiting for a gate");
            return err->signal = clock_signal(), false;
        }
    }
    return true;
}

/* The answer itself, when one run was named; what was said before it stays. */
static bool take_over(struct cli *cli, const struct answer *a, struct err *err)
{
    const struct answer before = cli->answer;

    cli->answer = *a;
    cli->answer.diagnostics = before.diagnostics;
    cli->answer.n_diagnostics = before.n_diagnostics;
    for (size_t i = 0; i < a->n_diagnostics; i++)
        cli_diagnose(cli, &cli->answer, a->diagnostics[i]);
    *err = a->err;
    return a->err.code == ERR_NONE;
}

static void sum_up(struct cli *cli, const struct round *r)
{
    bool nothing = true;

    for (size_t i = 0; i < r->n; i++)
        nothing = nothing && r->answers[i].outcome == OUT_NOTHING_TO_DO;
    cli->answer.outcome = nothing ? OUT_NOTHING_TO_DO : OUT_OK;
    cli->answer.results = r->answers;
    cli->answer.n_results = r->n;
    if (!r->n)
        target_none(cli, "nothing to ask about: ");
}

bool check_gate(struct cli *cli, struct err *err)
{
    return target_check_app(cli, err);
}

bool cmd_gate(struct cli *cli, struct err *err)
{
    struct run_name *names = NULL;
    struct round r = { 0 };
    size_t n = 1;

    cli->answer.many = !cli->n_args;
    if (cli->n_args) {
        if (!target_named(cli, &cli->run, err))
            return false;
        names = arena_alloc(cli->arena, sizeof *names);
        *names = (struct run_name){ cli->run.id, cli->run.name, cli->run.app };
    } else if (!target_live(cli, &names, &n, err)) {
        return false;
    }
    r.runs = names;
    r.n = n;
    if (!wait_for(cli, &r, err))
        return false;
    all(cli, cli->arena, &r);
    buf_add(&cli->text, buf_text(&r.text));
    if (cli->n_args)
        return take_over(cli, &r.answers[0], err);
    sum_up(cli, &r);
    return true;
}
