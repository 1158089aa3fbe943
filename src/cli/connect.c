/*
 * Which database is meant, and the connection to it.
 */
#include "command.h"
#include "orchestrate/store/store.h"
#include "sql_cli.h"

/* libpq's own; PGUSER or PGPASSWORD alone name no database. */
static const char *const libpq_variables[] = { "PGHOST", "PGHOSTADDR", "PGPORT", "PGDATABASE",
                                               "PGSERVICE" };

/* Does nothing when it was found before. */
static void take_url(struct cli *cli, const char *url, const char *from)
{
    if (cli->url || !url)
        return;
    cli->url = url;
    cli->url_from = from;
}

/* A service's name as libpq reads it among keywords. */
static const char *service_conninfo(struct arena *arena, const char *service)
{
    struct buf out = BUF_IN(arena);

    buf_add(&out, "service='");
    for (; *service; service++)
        buf_addf(&out, "%s%c", *service == '\'' || *service == '\\' ? "\\" : "", *service);
    buf_add(&out, "'");
    return buf_text(&out);
}

static void warn_password(struct cli *cli, const struct environment *e)
{
    if (e->url && strcmp(pg_redact(cli->arena, e->url, e->url), e->url) != 0)
        cli_diagnose(cli, &cli->answer,
                     (struct diagnostic){
                         .severity = "warning",
                         .code = "password-in-file",
                         .message = arena_printf(cli->arena,
                                                 "the URL of environment %s holds a password, and "
                                                 "whoever may read the file has it",
                                                 e->name),
                         .hint = "Put the URL into a variable and name that: `url_env: NAME`; or "
                                 "the password into ~/.pgpass.",
                         .at = e->where });
}

static bool no_variable(const struct environment *e, struct err *err)
{
    err_set(err, ERR_CONFIG, "the URL of environment %s is in %s, which is not set", e->name,
            e->url_env);
    err->at = e->where;
    return err_hint(err, "Set %s, or name the database with --url.", e->url_env);
}

/* What was set for every command is not what was asked for by this one. */
static void note_passed_over(struct cli *cli, const struct environment *e)
{
    if (!cli->options.url && cli->options.env && (e->url || e->url_env || e->service))
        cli_warn(cli, "environment-passed-over",
                 "%s is set and comes before the database of environment %s", cli->url_from,
                 e->name);
}

static bool take_environment(struct cli *cli, const struct environment *e, struct err *err)
{
    const char *url = e->url_env ? cli_variable(e->url_env) : e->url;

    cli->gates_off = e->gates_off;
    warn_password(cli, e);
    if (cli->url) {
        note_passed_over(cli, e);
        return true;
    }
    if (e->url_env && !url)
        return no_variable(e, err);
    if (e->service)
        url = service_conninfo(cli->arena, e->service);
    if (url)
        cli->url_at = e->where;
    take_url(cli, url, e->url_env ? e->url_env : e->service ? "service" : "url");
    return true;
}

bool cli_find_url(struct cli *cli, struct err *err)
{
    static const char first[] = "ORCHESTRATE_DATABASE_URL", last[] = "DATABASE_URL";
    const struct environment *environment = NULL;

    take_url(cli, cli->options.url, "--url");
    take_url(cli, cli_variable(first), first);
    if (!cli_environment(cli, &environment, err) ||
        (environment && !take_environment(cli, environment, err)))
        return false;
    take_url(cli, cli_variable(last), last);
    return true;
}

bool cli_knows_database(const struct cli *cli)
{
    for (size_t i = 0; i < ARRAY_LEN(libpq_variables); i++)
        if (cli_variable(libpq_variables[i]))
            return true;
    return cli->url != NULL;
}

/* Whoever named no database wonders more about which one was tried than about its password. */
static bool hint_at_database(const struct cli *cli, struct err *err)
{
    if (err->code != ERR_UNREACHABLE && err->code != ERR_CONSENT)
        return false;
    if (!cli_knows_database(cli))
        return err_hint(err,
                        "No database was named: set ORCHESTRATE_DATABASE_URL, or give --url, or "
                        "--env with an orchestrate.yaml.");
    if (err->code == ERR_UNREACHABLE)
        return err_hint(err, "Check host, port, user, password and database; the same command can "
                             "be tried again.");
    return false;
}

static bool bad_url(const struct cli *cli, struct err *err)
{
    if (cli->url_at.file) {
        err->code = ERR_CONFIG;
        err->at = cli->url_at;
    }
    return err_wrap(err, "%s", cli->url_from);
}

bool cli_connect(struct cli *cli, const char *plan, struct err *err)
{
    bool reads = (cli->command->flags & ONLY_READS) || cli->options.dry_run;
    const char *application = arena_printf(cli->arena, "orchestrate/%s", plan ? plan : "-");

    if (cli->connected)
        return true;
    if (!pg_connect(cli->arena, cli->url, application, reads, &cli->pg, err)) {
        if (err->code == ERR_USAGE && cli->url_from)
            return bad_url(cli, err);
        return hint_at_database(cli, err);
    }
    cli->connected = true;
    /* What promises to change nothing is held to it by the server. */
    return (!reads || pg_run(&cli->pg, sql_read_only, PG_NO_ARGS, err)) &&
           (!cli->env || store_check_environment(&cli->pg, cli->env, err));
}

bool cli_state(struct cli *cli, bool *exists, struct err *err)
{
    int version = 0;

    if (!store_version(&cli->pg, &version, err))
        return false;
    *exists = version != 0;
    return true;
}
