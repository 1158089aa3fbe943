/*
 * rollback: undoes phases, the last one first.
 */
#include "command.h"
#include "orchestrate/base/text.h"
#include "own_place.h"
#include "say.h"
#include "target.h"

static struct exec_options options_of(const struct cli *cli, struct progress *progress)
{
    return (struct exec_options){ .to = cli->options.to,
                                  .confirm = cli->options.confirm,
                                  .because = cli->options.because,
                                  .listener = progress_listener(progress) };
}

/* The last phase that stays done; -1: none.  False when it is not a phase of the plan. */
static bool kept(const struct cli *cli, int last, int *to, struct err *err)
{
    const struct run *run = &cli->run;
    const char *name = cli->options.to;

    *to = last - 1;
    if (!name) {
        if (last > 0 && run->program.phases[last].undo_with_previous)
            *to = last - 2;
        return true;
    }
    if (strcmp(name, "start") == 0)
        return *to = -1, true;
    *to = program_phase(&run->program, name);
    if (*to >= 0)
        return true;
    err_set(err, ERR_USAGE, "plan %s has no phase %s", run->name, name);
    return err_hint(err, "`orchestrate status %s` lists its phases; `start` undoes all.",
                    run->name);
}

static bool dry_run(struct cli *cli, struct err *err)
{
    const struct run *run = &cli->run;
    int last = run_last_phase(run), to;
    bool past;

    cli->answer.outcome = OUT_NOTHING_TO_DO;
    if (!kept(cli, last, &to, err))
        return false;
    if (last < 0 && run->state != RUN_UNDONE) {
        cli->answer.outcome = OUT_OK;
        buf_addf(&cli->text,
                 "%s: a dry run; the run would be called off: no phase has begun, so there is "
                 "nothing to undo\n",
                 run->name);
        return true;
    }
    if (last < 0 || last <= to) {
        say_rolled_back(&cli->text, run, &(struct exec_result){ .outcome = OUT_NOTHING_TO_DO },
                        cli->options.to);
        return true;
    }
    for (int p = last; p > to; p--) {
        if (!store_past_return(&cli->pg, run, p, &past, err))
            return false;
        if (past && run->phase_state != PHASE_PENDING) {
            err_set(err, ERR_CHECK, "phase %s of %s is past the point of no return",
                    run->program.phases[p].name, run->name);
            return err_hint(err,
                            "What it dropped cannot be brought back; `orchestrate rollback "
                            "%s` says what else can be done.",
                            run->name);
        }
    }
    cli->answer.outcome = OUT_OK;
    buf_addf(&cli->text, "%s: a dry run; this would be undone, nothing was changed\n", run->name);
    say_steps(&cli->text, run, last, to + 1, true, cli->options.verbose > 0);
    return true;
}

/* An undo that destroys values: somebody at a terminal can consent on the spot. */
static bool exec(struct cli *cli, struct exec_options *options, struct exec_result *result,
                 struct err *err)
{
    const char *question;

    if (exec_rollback(cli->arena, &cli->pg, &cli->run, options, result, err))
        return true;
    if (err->code != ERR_CONSENT || *err->sqlstate || options->confirm || !cli_interactive())
        return false;
    question = arena_printf(cli->arena, "%s.", err->text);
    if (!cli_ask_consent(cli, question, cli->run.name, &options->confirm, err))
        return false;
    return options->confirm && exec_rollback(cli->arena, &cli->pg, &cli->run, options, result, err);
}

static void list_undone(struct cli *cli, const struct exec_result *result)
{
    struct buf more = BUF_IN(cli->arena);
    struct json j = { .out = &more };

    json_open(&j, "undone", '[');
    for (size_t i = 0; i < result->n_undone; i++)
        json_text(&j, NULL, result->undone[i]);
    json_close(&j, ']');
    cli->answer.more = buf_text(&more);
}

bool cmd_rollback(struct cli *cli, struct err *err)
{
    struct progress progress = progress_of(cli, cli->run.name);
    struct exec_options options = options_of(cli, &progress);
    struct exec_result result = { .outcome = OUT_NOTHING_TO_DO };
    bool ok;

    if (!cli_check_confirm(cli, cli->run.name, err))
        return false;
    if (cli->options.dry_run)
        return dry_run(cli, err);
    ok = exec(cli, &options, &result, err);
    progress_end(&progress);
    say_answer(&cli->answer, &cli->run, &result, &progress);
    list_undone(cli, &result);
    if (ok)
        say_rolled_back(&cli->text, &cli->run, &result, cli->options.to);
    else if (!*err->hint)
        err_hint(err, "See `orchestrate status %s`; the same command carries on.", cli->run.name);
    if (!ok)
        own_place(cli, &cli->run, &result, err);
    return ok;
}
