#include "command.h"
#include "orchestrate/store/store.h"

static void tell(struct cli *cli, int before)
{
    const char *database = cli->pg.database;

    if (!before)
        buf_addf(&cli->text, "made schema orchestrate (version %d) in database %s\n", STORE_VERSION,
                 database);
    else if (before == STORE_VERSION)
        buf_addf(&cli->text, "the state schema (version %d) is in database %s already\n",
                 STORE_VERSION, database);
    else
        buf_addf(&cli->text, "the state schema in database %s is now version %d (it was %d)\n",
                 database, STORE_VERSION, before);
}

bool cmd_init(struct cli *cli, struct err *err)
{
    const char *name = NULL, *message, *hint;
    bool named;
    int before = 0;

    if (!cli_published(cli, &message, &hint, err))
        return false;
    if (message)
        cli_diagnose(cli, &cli->answer,
                     (struct diagnostic){ .severity = "warning",
                                          .code = "published-state",
                                          .message = message,
                                          .hint = hint });
    if (!store_environment(cli->arena, &cli->pg, &name, err) ||
        !store_init(&cli->pg, cli->env, &before, err))
        return false;
    tell(cli, before);
    named = cli->env && !name;
    if (named)
        buf_addf(&cli->text, "database %s is environment %s from now on\n", cli->pg.database,
                 cli->env);
    if (before == STORE_VERSION && !named)
        cli->answer.outcome = OUT_NOTHING_TO_DO;
    return true;
}
