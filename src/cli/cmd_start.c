/*
 * start: registers plans.  From here on the database keeps its own copy.
 */
#include <inttypes.h>

#include "command.h"
#include "orchestrate/base/text.h"
#include "prepare.h"
#include "target.h"

/* Every file is read before anything is done for the first of them. */
static bool load_all(struct cli *cli, struct plan *plans, struct err *err)
{
    struct err first = { 0 };
    size_t bad = 0;

    for (size_t i = 0; i < cli->n_args; i++) {
        struct err here = { 0 };

        if (!target_load_plan(cli, &cli->answer, cli->args[i], &plans[i], &here)) {
            if (!bad++ || status_worse(err_status(&first), err_status(&here)) != err_status(&first))
                first = here;
            continue;
        }
        for (size_t k = 0; k < i; k++)
            if (text_same(plans[k].name, plans[i].name))
                return err_set(err, ERR_USAGE, "%s and %s are both plan %s", cli->args[k],
                               cli->args[i], plans[i].name);
    }
    if (!bad)
        return true;
    *err = first;
    if (bad > 1)
        return err_set(err, first.code, "%zu files have errors; nothing was started", bad);
    return false;
}

static bool nothing_to_do(struct cli *cli, struct answer *answer, const struct run *run)
{
    answer->outcome = OUT_NOTHING_TO_DO;
    buf_addf(&cli->text, "%s: %s already (run %" PRId64 ")\n", run->name,
             run->state == RUN_COMPLETE ? "complete" : "started", run->id);
    if (cli->options.again)
        cli_diagnose(cli, answer,
                     (struct diagnostic){ .severity = "note",
                                          .code = "again-ignored",
                                          .message = "--again was ignored: it begins anew only "
                                                     "what was undone" });
    return true;
}

/* A plan of this name was registered before.  *go: it may be registered (again). */
static bool before(struct cli *cli, struct answer *answer, const struct plan *plan, bool *go,
                   struct err *err)
{
    struct run run = { 0 };
    int64_t id = 0;

    *go = true;
    if (!store_find(&cli->pg, plan->name, &id, err) ||
        (id && !store_load(cli->arena, &cli->pg, id, &run, err)))
        return false;
    if (!id || (run.state == RUN_UNDONE && cli->options.again))
        return true;
    *go = false;
    answer_run(answer, &run);
    if (run.state == RUN_UNDONE) {
        err_set(err, ERR_CHECK, "plan %s was undone (run %" PRId64 ")", plan->name, id);
        return err_hint(err, "To begin anew: orchestrate start --again %s", plan->file);
    }
    return target_compare(cli, answer, plan, &run, err) && nothing_to_do(cli, answer, &run);
}

static bool record_accepted(struct cli *cli, const struct run *run, const struct prepared *p,
                            const struct finding *f, struct err *err)
{
    const struct plan_accept *accept = finding_accepted(p->plan, f);
    struct buf detail = BUF_IN(cli->arena);
    struct json j = { .out = &detail };

    if (!accept)
        return true;
    json_open(&j, NULL, '{');
    json_text(&j, "code", f->code);
    json_text(&j, "message", f->message);
    json_text(&j, "because", accept->because);
    json_close(&j, '}');
    return store_event(&cli->pg, run, "accepted", NULL, NULL, buf_text(&detail), err);
}

/* Which gates of the plan do not count, and where that was said. */
static bool record_gates_off(struct cli *cli, const struct run *run, const struct plan *plan,
                             struct err *err)
{
    struct buf detail = BUF_IN(cli->arena), gates = BUF_IN(cli->arena);
    struct json j = { .out = &detail };

    for (size_t i = 0; run->gates_off && i < plan->n_gates; i++)
        if (!plan->gates[i].kind->order)
            buf_addf(&gates, "%s%s of %s", gates.len ? ", " : "", plan->gates[i].kind->name,
                     plan->gates[i].phase);
    if (!gates.len)
        return true;
    json_open(&j, NULL, '{');
    json_text(&j, "environment", run->gates_off);
    json_text(&j, "gates", buf_text(&gates));
    json_close(&j, '}');
    buf_addf(&cli->text, "%s: its gates are off in environment %s: %s\n", run->name, run->gates_off,
             buf_text(&gates));
    return store_event(&cli->pg, run, "gates_off", NULL, NULL, buf_text(&detail), err);
}

static bool after_registration(struct cli *cli, struct answer *answer, const struct prepared *p,
                               struct err *err)
{
    struct run run = { 0 };

    if (!store_load(cli->arena, &cli->pg, p->run, &run, err))
        return false;
    for (size_t c = 0; c < plan_catalogs(p->plan); c++)
        for (size_t i = 0; i < p->cats[c].n_findings; i++)
            if (!record_accepted(cli, &run, p, &p->cats[c].findings[i], err))
                return false;
    if (!record_gates_off(cli, &run, p->plan, err))
        return false;
    answer_run(answer, &run);
    answer->outcome = OUT_STARTED;
    buf_addf(&cli->text, "%s: started as run %" PRId64 " with %zu phases\n", run.name, run.id,
             run.program.n_phases);
    buf_addf(&cli->text, "next: orchestrate advance %s   (%s)\n", run.name, answer->next_phase);
    return true;
}

static bool register_run(struct cli *cli, const struct prepared *p, struct err *err)
{
    const struct plan *plan = p->plan;
    struct setting_text *settings =
        arena_alloc(cli->arena, (plan->n_setting_texts + 1) * sizeof *settings);
    struct registration reg = { .name = plan->name,
                                .description = plan->description,
                                .owner = plan->owner,
                                .ticket = plan->ticket,
                                .app = plan->app,
                                .code_new = plan->code_new,
                                .source = plan->text,
                                .canonical = plan->canonical,
                                .checksum = plan->checksum,
                                .search_path = cli->pg.search_path,
                                .gates_off = cli->gates_off ? cli->env : NULL,
                                .settings = settings,
                                .n_settings = plan->n_setting_texts,
                                .program = &p->program };

    for (size_t i = 0; i < plan->n_setting_texts; i++)
        settings[i] =
            (struct setting_text){ plan->setting_texts[i].key, plan->setting_texts[i].text };
    return store_register(&cli->pg, p->run, &reg, err);
}

static void show_dry_run(struct cli *cli, struct answer *answer, const struct prepared *p)
{
    const struct program *program = &p->program;

    answer->outcome = OUT_OK;
    buf_addf(&cli->text,
             "%s: would be started as run %" PRId64 " with %zu phases; nothing was changed\n",
             p->plan->name, p->run, program->n_phases);
    for (size_t i = 0; i < program->n_phases; i++)
        buf_addf(&cli->text, "  %s%s\n", program->phases[i].deploy_before ? "[deploy] " : "",
                 program->phases[i].name);
}

/* Made only now: a plan that is refused leaves nothing behind. */
static bool make_state(struct cli *cli, bool *exists, struct err *err)
{
    int before;

    if (*exists)
        return true;
    *exists = true;
    return store_init(&cli->pg, cli->env, &before, err);
}

/* A number that nobody else has, and names made from it. */
static bool reserve(struct cli *cli, const struct plan *plan, struct prepared *p, struct err *err)
{
    int64_t number = 0;

    if (!store_run_number(&cli->pg, true, &number, err))
        return false;
    return number == p->run || prepare(cli, plan, number, p, err);
}

/* When somebody registered the name since we looked, it is as if we came later. */
static bool register_or_find(struct cli *cli, struct answer *answer, const struct prepared *p,
                             struct err *err)
{
    struct err cause;
    bool go = true;

    if (register_run(cli, p, err))
        return after_registration(cli, answer, p, err);
    cause = *err;
    if (cause.code == ERR_CHECK && !before(cli, answer, p->plan, &go, err))
        return false;
    if (!go)
        return true;
    *err = cause;
    return false;
}

/* *state: is there a state schema? */
static bool start_one(struct cli *cli, struct answer *answer, const struct plan *plan, bool *state,
                      struct err *err)
{
    struct prepared p;
    int64_t forecast = 0;
    bool go = true;

    answer->plan = plan->name;
    if (*state && !before(cli, answer, plan, &go, err))
        return false;
    if (!go)
        return true;
    if (!store_run_number(&cli->pg, false, &forecast, err) ||
        !prepare_gates(cli, answer, plan, err) || !prepare(cli, plan, forecast, &p, err) ||
        !prepare_claims(cli, &p, err) || !prepare_verdict(cli, answer, &p, err))
        return false;
    if (cli->options.dry_run)
        return show_dry_run(cli, answer, &p), true;
    return make_state(cli, state, err) && reserve(cli, plan, &p, err) &&
           register_or_find(cli, answer, &p, err);
}

static bool start_many(struct cli *cli, const struct plan *plans, bool *state)
{
    struct answer *results = arena_alloc(cli->arena, cli->n_args * sizeof *results);

    for (size_t i = 0; i < cli->n_args; i++) {
        results[i].command = cli->answer.command;
        if (!start_one(cli, &results[i], &plans[i], state, &results[i].err))
            err_wrap(&results[i].err, "%s", cli->args[i]);
    }
    cli->answer.results = results;
    cli->answer.n_results = cli->n_args;
    cli->answer.many = true;
    return true;
}

bool cmd_start(struct cli *cli, struct err *err)
{
    struct plan *plans = arena_alloc(cli->arena, cli->n_args * sizeof *plans);
    bool state;

    if (!load_all(cli, plans, err) ||
        !cli_connect(cli, cli->n_args == 1 ? plans[0].name : NULL, err) ||
        !cli_state(cli, &state, err))
        return false;
    if (cli->n_args > 1)
        return start_many(cli, plans, &state);
    return start_one(cli, &cli->answer, &plans[0], &state, err);
}
