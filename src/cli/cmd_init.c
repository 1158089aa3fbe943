#include "command.h"
#include "orchestrate/store/store.h"

bool cmd_init(struct cli *cli, struct err *err)
{
    int before = 0;

    if (!store_init(&cli->pg, &before, err))
        return false;
    if (before == STORE_VERSION) {
        cli->answer.outcome = OUT_NOTHING_TO_DO;
        buf_addf(&cli->text, "the state schema (version %d) is in database %s already\n",
                 STORE_VERSION, cli->pg.database);
    } else if (before) {
        buf_addf(&cli->text, "the state schema in database %s is now version %d (it was %d)\n",
                 cli->pg.database, STORE_VERSION, before);
    } else {
        buf_addf(&cli->text, "made schema orchestrate (version %d) in database %s\n", STORE_VERSION,
                 cli->pg.database);
    }
    return true;
}
