#include "command.h"
#include "target.h"

bool cmd_validate(struct cli *cli, struct err *err)
{
    struct err first = { 0 };
    size_t bad = 0;

    for (size_t i = 0; i < cli->n_args; i++) {
        struct plan plan = { 0 };
        struct err here = { 0 };

        if (target_load_plan(cli, &cli->answer, cli->args[i], &plan, &here)) {
            buf_addf(&cli->text, "%s: plan %s is well formed\n", cli->args[i], plan.name);
            continue;
        }
        if (!bad || status_worse(err_status(&here), err_status(&first)) == err_status(&here))
            first = here;
        bad++;
    }
    if (!bad)
        return true;
    *err = first;
    if (cli->n_args > 1)
        return err_set(err, first.code, "%zu of %zu plans have errors", bad, cli->n_args);
    return false;
}
