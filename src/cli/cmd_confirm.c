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

bool cmd_confirm(struct cli *cli, struct err *err)
{
    const struct options *o = &cli->options;
    const char *id = cli_deploy_id(cli);
    bool state, changed = false, known = false;

    cli->answer.deploy_id = id;
    if (!target_state(cli, &state, err))
        return false;
    if (!state) {
        cli->answer.outcome = OUT_NOTHING_TO_DO;
        buf_add(&cli->text, "no plan was ever started in this database\n");
        return true;
    }
    if (!store_confirm(&cli->pg, id, o->status, o->app, o->app_version, &changed, &known, err))
        return false;
    cli->answer.outcome = OUT_CONFIRMED;
    if (!known)
        cli_warn(cli, "unknown-deploy",
                 "deploy %s advanced no plan; that it ended is recorded all the same", id);
    buf_addf(&cli->text, "deploy %s: %s%s\n", id, o->status, changed ? "" : ", as before");
    return true;
}
