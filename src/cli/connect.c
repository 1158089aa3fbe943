/*
 * Which database is meant, and the connection to it.
 */
#include <stdlib.h>

#include "command.h"
#include "sql_cli.h"

static const char *const url_variables[] = { "ORCHESTRATE_DATABASE_URL", "DATABASE_URL" };

/* libpq's own; PGUSER or PGPASSWORD alone name no database. */
static const char *const libpq_variables[] = { "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE",
                                               "PGSERVICE" };

static const char *variable(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

void cli_find_url(struct cli *cli)
{
    cli->url = cli->options.url;
    cli->url_from = cli->url ? "--url" : NULL;
    for (size_t i = 0; !cli->url && i < ARRAY_LEN(url_variables); i++)
        if ((cli->url = variable(url_variables[i])))
            cli->url_from = url_variables[i];
}

bool cli_knows_database(const struct cli *cli)
{
    for (size_t i = 0; i < ARRAY_LEN(libpq_variables); i++)
        if (variable(libpq_variables[i]))
            return true;
    return cli->url != NULL;
}

/* Whoever named no database wonders more about which one was tried than about its password. */
static bool hint_at_database(const struct cli *cli, struct err *err)
{
    if (err->code != ERR_UNREACHABLE && err->code != ERR_CONSENT)
        return false;
    if (!cli_knows_database(cli))
        return err_hint(err, "No database was named: set ORCHESTRATE_DATABASE_URL or give --url.");
    if (err->code == ERR_UNREACHABLE)
        return err_hint(err, "Check host, port, user, password and database; the same command can "
                             "be tried again.");
    return false;
}

bool cli_connect(struct cli *cli, const char *plan, struct err *err)
{
    bool reads = (cli->command->flags & ONLY_READS) || cli->options.dry_run;
    const char *application = arena_printf(cli->arena, "orchestrate/%s", plan ? plan : "-");

    if (cli->connected)
        return true;
    if (!pg_connect(cli->arena, cli->url, application, reads, &cli->pg, err)) {
        if (err->code == ERR_USAGE && cli->url_from)
            return err_wrap(err, "%s", cli->url_from);
        return hint_at_database(cli, err);
    }
    cli->connected = true;
    /* What promises to change nothing is held to it by the server. */
    return !reads || pg_run(&cli->pg, sql_read_only, PG_NO_ARGS, err);
}
