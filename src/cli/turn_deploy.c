/*
 * Deploys: what one does is fixed by its first call, and it does it once.
 */
#include "orchestrate/base/text.h"
#include "turn_private.h"

/* What a deploy hears that has nothing (more) to do here. */
static void say_already(struct turn *t, const struct deploy *deploy)
{
    struct buf *out = &t->cli->text;
    const struct run *run = t->run;
    const char *phase = deploy->target >= 0 ? run->program.phases[deploy->target].name : "";

    if (deploy->hold) {
        buf_addf(out, "%s: deploy %s takes no step: %s\n", run->name, deploy->id, deploy->hold);
    } else if (deploy->target > run_last_phase(run)) {
        buf_addf(out, "%s: deploy %s has had its phase already: %s, which was undone since\n",
                 run->name, deploy->id, phase);
    } else if (text_same(deploy->by, deploy->id)) {
        buf_addf(out, "%s: deploy %s has had its phase already: %s\n", run->name, deploy->id,
                 phase);
    } else {
        buf_addf(out, "%s: %s is done already", run->name, phase);
        if (deploy->by)
            buf_addf(out, ", by deploy %s", deploy->by);
        buf_addf(out, "; deploy %s takes no step of its own\n", deploy->id);
    }
}

static bool already(struct turn *t, const struct deploy *deploy)
{
    t->result.outcome = OUT_ALREADY_ADVANCED;
    progress_end(&t->progress);
    say_already(t, deploy);
    return true;
}

/* Somebody else did the phase that this deploy was to do: so it has had it. */
static bool done_by_another(struct turn *t, struct deploy *deploy, struct err *err)
{
    struct cli *cli = t->cli;

    return store_deploy_reached(&cli->pg, t->run, deploy->id, err) &&
           store_deploy(cli->arena, &cli->pg, t->run, deploy->id, -1, NULL, deploy, err) &&
           already(t, deploy);
}

bool turn_deploy(struct turn *t, struct err *err)
{
    struct deploy deploy = { 0 };
    struct cli *cli = t->cli;

    if (!store_deploy(cli->arena, &cli->pg, t->run, t->options.deploy_id, t->target,
                      cli->options.to, &deploy, err))
        return false;
    if (deploy.reached || deploy.hold)
        return already(t, &deploy);
    t->options.to = t->run->program.phases[deploy.target].name;
    if (!turn_exec(t, err))
        return false;
    if ((t->result.outcome == OUT_NOTHING_TO_DO || t->result.outcome == OUT_ALREADY_ADVANCED) &&
        run_last_phase(t->run) >= deploy.target)
        return done_by_another(t, &deploy, err);
    progress_end(&t->progress);
    say_advanced(&cli->text, t->run, &t->result, cli->options.to);
    return true;
}

bool turn_hold(struct turn *t, struct err *err)
{
    struct deploy deploy = { 0 };
    struct cli *cli = t->cli;

    if (!store_deploy_hold(cli->arena, &cli->pg, t->run, t->options.deploy_id, cli->options.hold,
                           &deploy, err))
        return false;
    t->result.outcome = OUT_OK;
    say_already(t, &deploy);
    return true;
}

bool turn_continue(struct turn *t, struct err *err)
{
    struct cli *cli = t->cli;
    bool under_way = t->run->state == RUN_RUNNING || t->run->state == RUN_FAILED;

    if (!under_way && t->run->state != RUN_UNDOING) {
        buf_addf(&cli->text, "%s: no phase is under way\n", t->run->name);
        return true;
    }
    /* The phase stays that of the deploy that began it; its confirmation is what counts. */
    if (under_way &&
        !store_deploy_under_way(cli->arena, &cli->pg, t->run, &t->options.deploy_id, err))
        return false;
    if (!turn_exec(t, err))
        return false;
    progress_end(&t->progress);
    say_advanced(&cli->text, t->run, &t->result, NULL);
    return true;
}

bool turn_ended(struct turn *t, struct err *err)
{
    struct deploy deploy = { 0 };
    struct cli *cli = t->cli;

    if (t->options.deploy_id &&
        !store_deploy(cli->arena, &cli->pg, t->run, t->options.deploy_id, -1, NULL, &deploy, err))
        return false;
    if (deploy.reached || deploy.hold)
        return already(t, &deploy);
    say_advanced(&cli->text, t->run, &t->result, cli->options.to);
    return true;
}
