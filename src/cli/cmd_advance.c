/*
 * advance: the next phase of one plan, or of every live one.
 */
#include "command.h"
#include "orchestrate/base/clock.h"
#include "orchestrate/base/text.h"
#include "target.h"
#include "turn.h"

/* With several plans, consent is for the one that bears the name. */
static const char *consent_for(const struct cli *cli, const char *name)
{
    return text_same(cli->options.confirm, name) ? cli->options.confirm : NULL;
}

static void each(struct cli *cli, const struct run_name *name, struct answer *answer)
{
    struct run run = { 0 };

    answer->command = cli->answer.command;
    answer->plan = name->name;
    answer->run = name->id;
    answer->deploy_id = cli->answer.deploy_id;
    if (!store_load(cli->arena, &cli->pg, name->id, &run, &answer->err) ||
        !turn_advance(cli, answer, &run, consent_for(cli, name->name), &answer->err))
        err_wrap(&answer->err, "%s", name->name);
}

static bool somebody_confirmed(const struct cli *cli, const struct run_name *names, size_t n,
                               struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (consent_for(cli, names[i].name))
            return true;
    return !cli->options.confirm || !n ||
           err_set(err, ERR_CONSENT, "no live plan is called %s", cli->options.confirm);
}

static void sum_up(struct cli *cli, struct answer *results, size_t n)
{
    enum outcome outcome = n ? results[0].outcome : OUT_NOTHING_TO_DO;

    for (size_t i = 1; i < n; i++)
        if (results[i].outcome != outcome)
            outcome = OUT_OK;
    cli->answer.outcome = outcome;
    cli->answer.results = results;
    cli->answer.n_results = n;
}

static bool all(struct cli *cli, struct err *err)
{
    struct run_name *names = NULL;
    struct answer *results;
    size_t n = 0, done = 0;

    cli->answer.many = true;
    if (!target_live(cli, &names, &n, err) || !somebody_confirmed(cli, names, n, err))
        return false;
    results = arena_alloc(cli->arena, (n + 1) * sizeof *results);
    while (done < n && !clock_signal() && !pg_lost(&cli->pg)) {
        each(cli, &names[done], &results[done]);
        done++;
    }
    sum_up(cli, results, done);
    if (!n)
        target_none(cli, "nothing to do: ");
    return true;
}

/* Options that contradict each other: each wants another kind of call. */
static bool check_together(const struct options *o, struct err *err)
{
    const struct {
        const char *name;
        bool given;
    } with[] = {
        { "--to", o->to != NULL },           { "--continue", o->finish },
        { "--confirm", o->confirm != NULL }, { "--override", o->overrides.n > 0 },
        { "--dry-run", o->dry_run },
    };

    for (size_t i = 0; o->hold && i < ARRAY_LEN(with); i++)
        if (with[i].given)
            return err_set(err, ERR_USAGE, "--hold starts nothing; %s does not go with it",
                           with[i].name);
    if (o->finish && o->to) {
        err_set(err, ERR_USAGE, "--continue finishes one phase; --to does not go with it");
        return err_hint(err, "To carry on further: advance --to %s, without --continue.", o->to);
    }
    return true;
}

bool check_advance(struct cli *cli, struct err *err)
{
    const struct options *o = &cli->options;

    if (o->overrides.n && !o->because) {
        err_set(err, ERR_USAGE, "--override wants --because");
        return err_hint(err, "The reason is recorded: --because \"...\"");
    }
    if (o->hold && !cli_deploy_id(cli)) {
        err_set(err, ERR_USAGE, "--hold wants a deploy: --deploy-id ID");
        return err_hint(err, "It is recorded for one deploy; to hold the plan itself: orchestrate "
                             "pause PLAN");
    }
    return check_together(o, err) && target_check_app(cli, err);
}

bool cmd_advance(struct cli *cli, struct err *err)
{
    cli->answer.deploy_id = cli_deploy_id(cli);
    if (!cli->n_args)
        return all(cli, err);
    return target_named(cli, &cli->run, err) && cli_check_confirm(cli, cli->run.name, err) &&
           turn_advance(cli, &cli->answer, &cli->run, cli->options.confirm, err);
}
