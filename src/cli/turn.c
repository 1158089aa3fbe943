/*
 * One plan's turn in `advance`: how far, with which gates overridden, for which
 * deploy, and what is said of it.
 */
#include "orchestrate/base/clock.h"
#include "own_place.h"
#include "prepare.h"
#include "turn_private.h"

/* What speaks against a plan is asked at its start, and once more when it begins. */
static bool look_first(void *context, const struct run *run, struct err *err)
{
    const struct turn *t = context;

    return prepare_first(t->cli, t->answer, run, err);
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

bool turn_exec(struct turn *t, struct err *err)
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

/* What would be done, with the gates as they are now. */
static bool dry_run(struct turn *t, struct err *err)
{
    struct gate_query query = { .overrides = t->options.overrides,
                                .n_overrides = t->options.n_overrides,
                                .consent = t->options.confirm,
                                .local = t->options.local };
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

static bool work(struct turn *t, struct err *err)
{
    const struct options *o = &t->cli->options;

    if (!run_state_is_live(t->run->state))
        return turn_ended(t, err);
    if (!turn_find_target(t, err) || !turn_check_overrides(t, err))
        return false;
    if (o->dry_run)
        return dry_run(t, err);
    if (o->hold)
        return turn_hold(t, err);
    if (o->finish)
        return turn_continue(t, err);
    /* An undo under way is nobody's step; exec says what to do about it. */
    if (t->options.deploy_id && t->run->state != RUN_UNDOING)
        return turn_deploy(t, err);
    if (!turn_exec(t, err))
        return false;
    progress_end(&t->progress);
    say_advanced(&t->cli->text, t->run, &t->result, o->to);
    return true;
}

/*
 * A hook that is tried again steps again, when nothing tells the two calls apart.
 * With --to it does not, and at the end there is nothing left to step.
 */
static void warn_of_repeats(const struct turn *t)
{
    const struct options *o = &t->cli->options;
    bool may_step = t->result.outcome == OUT_ADVANCED && !o->to && !o->finish;

    if (may_step && !t->options.deploy_id && !o->deploy_id && !cli_interactive())
        cli_diagnose(t->cli, t->answer,
                     (struct diagnostic){ .severity = "warning",
                                          .code = "no-deploy-id",
                                          .message = "no --deploy-id: if this call is repeated, it "
                                                     "takes another step" });
}

/* Time is that of the whole call, however many plans it advances. */
static int64_t time_left(const struct cli *cli)
{
    int64_t left = cli->began + cli->options.max_time - clock_ms();

    if (!cli->options.max_time)
        return 0;
    return left > 0 ? left : 1;
}

/* The status that the caller wants for what is no failure. */
static int exit_of(const struct options *o, enum outcome outcome)
{
    if (outcome == OUT_HELD && o->fail_if_held)
        return 3;
    return outcome == OUT_IN_PROGRESS && o->detailed_exitcode ? 4 : 0;
}

static bool is_behind_no_return(struct cli *cli, const struct run *run)
{
    struct err ignored;
    bool past = false;

    return run->phase >= 0 && (size_t)run->phase < run->program.n_phases &&
           run->state == RUN_FAILED && !pg_lost(&cli->pg) &&
           store_past_return(&cli->pg, run, run->phase, &past, &ignored) && past;
}

bool turn_advance(struct cli *cli, struct answer *answer, struct run *run, const char *confirm,
                  struct err *err)
{
    struct turn t = { .cli = cli,
                      .answer = answer,
                      .run = run,
                      .result = { .outcome = OUT_NOTHING_TO_DO },
                      .progress = progress_of(cli, run->name) };
    bool ok;

    t.options = (struct exec_options){ .max_time = time_left(cli),
                                       .deploy_id = cli_deploy_id(cli),
                                       .confirm = confirm,
                                       .overrides = cli->options.overrides.items,
                                       .n_overrides = cli->options.overrides.n,
                                       .because = cli->options.because,
                                       .fast = cli->options.fast,
                                       .listener = progress_listener(&t.progress),
                                       .local = local_gate(cli),
                                       .first = { look_first, &t } };
    ok = work(&t, err);
    progress_end(&t.progress);
    warn_of_repeats(&t);
    say_answer(answer, run, &t.result, &t.progress);
    answer->exits = ok ? exit_of(&cli->options, t.result.outcome) : 0;
    if (!ok && err->code == ERR_FAILED && !*err->hint && is_behind_no_return(cli, run))
        err_hint(err,
                 "Mend the cause and advance again; there is no way back any more. If it cannot be "
                 "mended: `orchestrate repair %s --forget --confirm %s` gives the run up as it "
                 "stands.",
                 run->name, run->name);
    else if (!ok && err->code == ERR_FAILED && !*err->hint)
        err_hint(err, "Mend the cause and advance again, or go back: orchestrate rollback %s%s",
                 run->name,
                 run->phase > 0 && program_is_own(&run->program)
                     ? " (an edit of the phase can be taken over then: --accept-plan-change)"
                     : "");
    if (!ok)
        own_place(cli, run, &t.result, err);
    return ok;
}
