#include <string.h>

#include "command.h"
#include "target.h"

/* `validate *.yaml` in the top folder of a repository names it, too. */
static bool is_config(const char *file)
{
    const char *slash = strrchr(file, '/');

    return strcmp(slash ? slash + 1 : file, CONFIG_FILE) == 0;
}

static bool validate_config(struct cli *cli, const char *file, struct err *err)
{
    struct config config;

    if (!cli_load_config(cli, file, &config, err))
        return false;
    buf_addf(&cli->text, "%s: well formed; it names environments, it is no plan\n", file);
    return true;
}

static bool validate_plan(struct cli *cli, const char *file, struct err *err)
{
    struct plan plan = { 0 };

    if (!target_load_plan(cli, &cli->answer, file, &plan, err))
        return false;
    buf_addf(&cli->text, "%s: plan %s is well formed\n", file, plan.name);
    return true;
}

bool cmd_validate(struct cli *cli, struct err *err)
{
    struct err first = { 0 };
    size_t bad = 0;

    for (size_t i = 0; i < cli->n_args; i++) {
        const char *file = cli->args[i];
        struct err here = { 0 };

        if (is_config(file) ? validate_config(cli, file, &here) : validate_plan(cli, file, &here))
            continue;
        if (!bad || status_worse(err_status(&here), err_status(&first)) == err_status(&here))
            first = here;
        bad++;
    }
    if (!bad)
        return true;
    *err = first;
    if (cli->n_args > 1)
        return err_set(err, first.code, "%zu of %zu files have errors", bad, cli->n_args);
    return false;
}
