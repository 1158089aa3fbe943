#include "command.h"
#include "target.h"

bool check_confirm(struct cli *cli, struct err *err)
{
    const char *id = cli_deploy_id(cli);

    if (id && cli->options.status)
        return true;
    err_set(err, ERR_USAGE, "confirm wants %s", id ? "--status" : "--deploy-id");
    return err_hint(err, "orchestrate confirm --deploy-id ID --status success");
}

/* Recorded all the same; but perhaps another app was meant, and then a gate stays shut. */
static bool warn_unknown(struct cli *cli, const char *id, struct err *err)
{
    const char *app = NULL, *given = cli->options.app;

    if (!store_deploy_app(cli->arena, &cli->pg, id, &app, err))
        return false;
    if (app && given && *app)
        cli_warn(cli, "other-app",
                 "deploy %s advanced a plan of app %s, not of %s: confirm it with --app %s", id,
                 app, given, app);
    else if (app && given)
        cli_warn(cli, "other-app",
                 "deploy %s advanced a plan that has no `app:`: confirm it without --app, or write "
                 "`app: %s` into the plan",
                 id, given);
    else
        cli_warn(cli, "unknown-deploy",
                 "deploy %s advanced no plan here; that it ended is recorded, and counts for the "
                 "plans of its app",
                 id);
    return true;
}

bool cmd_confirm(struct cli *cli, struct err *err)
{
    const struct options *o = &cli->options;
    const char *id = cli_deploy_id(cli);
    bool state, changed = false, known = false;

    cli->answer.deploy_id = id;
    if (!cli_state(cli, &state, err))
        return false;
    if (!state) {
        cli->answer.outcome = OUT_NOTHING_TO_DO;
        buf_add(&cli->text, "no plan was ever started in this database\n");
        return true;
    }
    if (!store_confirm(&cli->pg, id, o->status, o->app, o->app_version, &changed, &known, err))
        return false;
    cli->answer.outcome = OUT_CONFIRMED;
    if (!known && !warn_unknown(cli, id, err))
        return false;
    buf_addf(&cli->text, "deploy %s: %s%s\n", id, o->status, changed ? "" : ", as before");
    return true;
}
