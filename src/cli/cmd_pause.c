/*
 * pause and resume: a flag of the run that its gate `paused`, and a backfill
 * under way, obey.
 */
#include "command.h"
#include "orchestrate/store/store.h"

static bool ended(struct cli *cli, const char *verb)
{
    buf_addf(&cli->text, "%s is %s: nothing to %s\n", cli->run.name, run_state_name(cli->run.state),
             verb);
    cli->answer.outcome = OUT_NOTHING_TO_DO;
    return true;
}

bool cmd_pause(struct cli *cli, struct err *err)
{
    const struct run *run = &cli->run;

    if (!run_state_is_live(run->state))
        return ended(cli, "pause");
    if (!run->paused || cli->options.because)
        if (!store_pause(&cli->pg, run, true, cli->options.because, err))
            return false;
    buf_addf(&cli->text, "%s is paused%s\n", run->name, run->paused ? ", as before" : "");
    cli->answer.outcome = OUT_PAUSED;
    return true;
}

bool cmd_resume(struct cli *cli, struct err *err)
{
    const struct run *run = &cli->run;

    if (!run_state_is_live(run->state))
        return ended(cli, "resume");
    if (!run->paused) {
        buf_addf(&cli->text, "%s is not paused\n", run->name);
        cli->answer.outcome = OUT_NOTHING_TO_DO;
        return true;
    }
    if (!store_pause(&cli->pg, run, false, cli->options.because, err))
        return false;
    buf_addf(&cli->text, "%s goes on with the next `orchestrate advance %s`\n", run->name,
             run->name);
    return true;
}
