/*
 * One plan's turn in `advance`: how far, with which gates overridden, for which
 * deploy, and what is said of it.
 */
#include "turn.h"

#include "orchestrate/base/clock.h"
#include "orchestrate/base/text.h"
#include "orchestrate/store/store.h"
#include "say.h"

/* One plan that is advanced by this call. */
struct turn {
    struct cli *cli;
    struct answer *answer;
    struct run *run;
    struct exec_options options;
    struct exec_result result;
    struct progress progress;
    int target; /* index of the last phase to carry out */
};

/* The gate of this name in any phase of the plan: an override may be meant for one further on. */
static const struct gate *find_gate(const struct run *run, const char *name)
{
    for (size_t p = 0; p < run->program.n_phases; p++)
        for (size_t g = 0; g < run->program.phases[p].n_gates; g++)
            if (strcmp(run->program.phases[p].gates[g].name, name) == 0)
                return &run->program.phases[p].gates[g];
    return NULL;
}

static bool unknown_gate(struct cli *cli, const struct run *run, const char *name, struct err *err)
{
    const char **names = NULL, *near;
    size_t n = 0;

    for (size_t p = 0; p < run->program.n_phases; p++)
        for (size_t g = 0; g < run->program.phases[p].n_gates; g++)
            *ARENA_PUSH(cli->arena, names, n) = run->program.phases[p].gates[g].name;
    *ARENA_PUSH(cli->arena, names, n) = NULL;
    near = text_nearest(name, names);
    err_set(err, ERR_USAGE, "plan %s has no gate %s", run->name, name);
    if (near)
        return err_hint(err, "Did you mean %s?", near);
    return err_hint(err, "`orchestrate status %s` names the gates that hold it.", run->name);
}

/* Asked before anything is written, even the target of a deploy. */
static bool check_overrides(struct cli *cli, const struct run *run, struct err *err)
{
    const struct option_list *list = &cli->options.overrides;

    for (size_t i = 0; i < list->n; i++) {
        const struct gate *gate = find_gate(run, list->items[i]);

        if (!gate)
            return unknown_gate(cli, run, list->items[i], err);
        if (!gate->overridable) {
            err_set(err, ERR_USAGE, "gate %s cannot be overridden", gate->name);
            return err_hint(err, "It stands for something that has to be true.");
        }
    }
    return true;
}

/* The last phase before the deploy mark that follows phase `next`. */
static int before_mark(const struct program *program, int next)
{
    int target = next;

    while (target + 1 < (int)program->n_phases && !program->phases[target + 1].deploy_before)
        target++;
    return target;
}

static bool unknown_phase(const struct run *run, const char *name, struct err *err)
{
    const char *names[66], *near;
    size_t n = 0;

    for (size_t i = 0; i < run->program.n_phases && n < 64; i++)
        names[n++] = run->program.phases[i].name;
    names[n++] = "deploy";
    names[n] = NULL;
    near = text_nearest(name, names);
    err_set(err, ERR_USAGE, "plan %s has no phase %s", run->name, name);
    if (near)
        return err_hint(err, "Did you mean %s?", near);
    return err_hint(err, "`orchestrate status %s` lists its phases.", run->name);
}

static bool find_target(struct turn *t, struct err *err)
{
    const char *to = t->cli->options.to;
    const struct program *program = &t->run->program;
    int next = run_next_phase(t->run);

    t->target = next;
    if (!to)
        return true;
    t->target = strcmp(to, "deploy") == 0 ? before_mark(program, next) : program_phase(program, to);
    if (t->target < 0)
        return unknown_phase(t->run, to, err);
    t->options.to = program->phases[t->target].name;
    return true;
}

static bool held_by_consent_alone(const struct exec_result *result)
{
    bool consent = false;

    for (size_t i = 0; i < result->n_held_by; i++) {
        const struct gate_answer *a = &result->held_by[i];

        if (a->open || a->overridden)
            continue;
        if (strcmp(a->gate, "consent") != 0)
            return false;
        consent = true;
    }
    return consent;
}

/* Time that is up between phases, too, is no failure: the same command goes on. */
static bool exec_once(struct turn *t, struct err *err)
{
    if (exec_advance(t->cli->arena, &t->cli->pg, t->run, &t->options, &t->result, err))
        return true;
    if (err->code != ERR_INTERRUPTED || err->signal || clock_signal() || !t->options.max_time)
        return false;
    *err = (struct err){ 0 };
    t->result.outcome = OUT_IN_PROGRESS;
    return true;
}

static bool exec(struct turn *t, struct err *err)
{
    bool ok = exec_once(t, err);

    if (!ok || t->options.confirm || !cli_interactive() || !held_by_consent_alone(&t->result))
        return ok;
    progress_end(&t->progress);
    if (!cli_ask_consent(t->cli,
                         arena_printf(t->cli->arena, "Phase %s of %s cannot be undone.",
                                      t->result.next_phase, t->run->name),
                         t->run->name, &t->options.confirm, err))
        return false;
    return !t->options.confirm || exec_once(t, err);
}

/* The first call of a deploy fixes what the deploy does; later ones carry on with that. */
static bool exec_deploy(struct turn *t, struct err *err)
{
    struct deploy deploy = { 0 };
    const char *id = t->options.deploy_id;

    if (!store_deploy(t->cli->arena, &t->cli->pg, t->run, id, t->target, t->options.to != NULL,
                      &deploy, err))
        return false;
    t->options.to = t->run->program.phases[deploy.target].name;
    if (deploy.reached) {
        t->result.outcome = OUT_ALREADY_ADVANCED;
        return true;
    }
    if (!exec(t, err))
        return false;
    /* Another call of the same deploy was faster. */
    if (t->result.outcome == OUT_NOTHING_TO_DO && run_last_phase(t->run) >= deploy.target) {
        t->result.outcome = OUT_ALREADY_ADVANCED;
        return store_deploy_reached(&t->cli->pg, t->run, id, err);
    }
    return true;
}

/* What would be done, with the gates as they are now. */
static bool dry_run(struct turn *t, struct err *err)
{
    struct gate_query query = { .overrides = t->options.overrides,
                                .n_overrides = t->options.n_overrides,
                                .consent = t->options.confirm };
    struct gate_answer *answers = NULL;
    size_t n = 0, closed = 0;
    int next = run_next_phase(t->run);
    struct buf *out = &t->cli->text;
    bool verbose = t->cli->options.verbose > 0;

    if (next < 0 || t->target < next)
        return say_advanced(out, t->run, &t->result, t->cli->options.to), true;
    if (!store_gates(t->cli->arena, &t->cli->pg, t->run, next, &query, &answers, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        closed += !answers[i].open && !answers[i].overridden;
    t->result.held_by = answers;
    t->result.n_held_by = n;
    t->result.outcome = closed ? OUT_HELD : OUT_OK;
    t->result.next_phase = t->run->program.phases[next].name;
    buf_addf(out, "%s: %s; nothing was changed\n", t->run->name,
             closed ? "a dry run; the next phase is held" : "a dry run; the next phase may start");
    report_held_text(out, "  ", t->run, answers, n, verbose);
    say_steps(out, t->run, next, t->target, false, verbose);
    return true;
}

/* The deploy that did the last phase may call again. */
static bool ended(struct turn *t, struct err *err)
{
    struct deploy deploy = { 0 };

    if (t->options.deploy_id && !store_deploy(t->cli->arena, &t->cli->pg, t->run,
                                              t->options.deploy_id, -1, false, &deploy, err))
        return false;
    if (deploy.reached)
        t->result.outcome = OUT_ALREADY_ADVANCED;
    return say_advanced(&t->cli->text, t->run, &t->result, t->cli->options.to), true;
}

static bool work(struct turn *t, struct err *err)
{
    if (!run_state_is_live(t->run->state))
        return ended(t, err);
    if (!find_target(t, err) || !check_overrides(t->cli, t->run, err))
        return false;
    if (t->cli->options.dry_run)
        return dry_run(t, err);
    if (t->options.deploy_id && t->run->state != RUN_UNDOING ? !exec_deploy(t, err) : !exec(t, err))
        return false;
    progress_end(&t->progress);
    say_advanced(&t->cli->text, t->run, &t->result, t->cli->options.to);
    return true;
}

/*
 * A hook that is tried again steps again, when nothing tells the two calls apart.
 * With --to it does not, and at the end there is nothing left to step.
 */
static void warn_of_repeats(const struct turn *t)
{
    bool may_step = t->result.outcome == OUT_ADVANCED && !t->cli->options.to;

    if (may_step && !t->options.deploy_id && !t->cli->options.deploy_id && !cli_interactive())
        cli_diagnose(t->cli, t->answer,
                     (struct diagnostic){ .severity = "warning",
                                          .code = "no-deploy-id",
                                          .message = "no --deploy-id: if this call is repeated, it "
                                                     "takes another step" });
}

bool turn_advance(struct cli *cli, struct answer *answer, struct run *run, const char *confirm,
                  struct err *err)
{
    struct turn t = { .cli = cli,
                      .answer = answer,
                      .run = run,
                      .result = { .outcome = OUT_NOTHING_TO_DO },
                      .progress = { .arena = cli->arena, .pg = &cli->pg, .plan = run->name } };
    bool ok;

    t.options = (struct exec_options){ .max_time = cli->options.max_time,
                                       .deploy_id = cli_deploy_id(cli),
                                       .confirm = confirm,
                                       .overrides = cli->options.overrides.items,
                                       .n_overrides = cli->options.overrides.n,
                                       .because = cli->options.because,
                                       .fast = cli->options.fast,
                                       .listener = progress_listener(&t.progress) };
    ok = work(&t, err);
    progress_end(&t.progress);
    warn_of_repeats(&t);
    say_answer(answer, run, &t.result, &t.progress);
    if (!ok && err->code == ERR_FAILED && !*err->hint)
        err_hint(err, "Mend the cause and advance again, or go back: orchestrate rollback %s",
                 run->name);
    return ok;
}
