/*
 * plan: the safety report.  Changes nothing; without a database it says less.
 */
#include <inttypes.h>

#include "command.h"
#include "prepare.h"
#include "sql_cli.h"
#include "target.h"

/* Of a plan that this version cannot read any more, what the run keeps has to do. */
static void plan_of_run(const struct run *run, struct plan *plan)
{
    *plan = (struct plan){ .name = run->name,
                           .description = run->description,
                           .owner = run->owner,
                           .ticket = run->ticket,
                           .app = *run->app ? run->app : NULL,
                           .canonical = run->canonical,
                           .checksum = run->checksum };
}

/* The plan as it was started, whose gates and changes are in no other place. */
static bool read_source(struct cli *cli, const struct run *run, struct plan *plan, struct err *err)
{
    struct plan_errors *errors = arena_alloc(cli->arena, sizeof *errors);
    const char *source = NULL;

    if (!store_source(cli->arena, &cli->pg, run->id, &source, err))
        return false;
    if (!source || !plan_parse(cli->arena, run->name, source, strlen(source), plan, errors))
        plan_of_run(run, plan);
    plan->settings = run->settings;
    return true;
}

/* A run of the same name: the same plan, another one, or none (run->id 0). */
static bool find_run(struct cli *cli, const char *name, struct run *run, struct err *err)
{
    bool state;
    int64_t id = 0;

    if (!cli_state(cli, &state, err) || (state && !store_find(&cli->pg, name, &id, err)))
        return false;
    return !id || store_load(cli->arena, &cli->pg, id, run, err);
}

static bool ask_database(struct cli *cli, const struct plan *plan, struct prepared *p,
                         struct err *err)
{
    struct run *run = &cli->run;
    int64_t number = 0;

    if (!find_run(cli, plan->name, run, err))
        return false;
    if (run->id)
        answer_run(&cli->answer, run);
    if (run->id && run->state != RUN_UNDONE && strcmp(run->checksum, plan->checksum) == 0)
        return prepare_again(cli, plan, run, p, err);
    if (run->id && run->state != RUN_UNDONE)
        cli_warn(cli, "plan-changed",
                 "run %" PRId64 " of this name was started with another content; what follows is "
                 "about the file",
                 run->id);
    return store_run_number(&cli->pg, false, &number, err) && prepare(cli, plan, number, p, err) &&
           prepare_claims(cli, p, err);
}

static bool of_file(struct cli *cli, struct plan *plan, struct prepared *p, struct err *err)
{
    if (!target_load_plan(cli, &cli->answer, cli->args[0], plan, err))
        return false;
    cli->answer.plan = plan->name;
    if (!cli_knows_database(cli))
        return prepare(cli, plan, 0, p, err);
    return cli_connect(cli, plan->name, err) && prepare_gates(cli, &cli->answer, plan, err) &&
           ask_database(cli, plan, p, err);
}

static bool of_run(struct cli *cli, struct plan *plan, struct prepared *p, struct err *err)
{
    return cli_connect(cli, cli->args[0], err) && target_named(cli, &cli->run, err) &&
           read_source(cli, &cli->run, plan, err) && prepare_again(cli, plan, &cli->run, p, err);
}

static enum report_format format_of(const struct options *o)
{
    if (o->json)
        return REPORT_JSON;
    return o->format && strcmp(o->format, "markdown") == 0 ? REPORT_MARKDOWN : REPORT_TEXT;
}

bool check_plan(struct cli *cli, struct err *err)
{
    struct options *o = &cli->options;

    if (o->json && o->format && strcmp(o->format, "json") != 0)
        return err_set(err, ERR_USAGE, "--json and --format %s contradict each other", o->format);
    if (!o->json && o->format && strcmp(o->format, "json") == 0)
        o->json = "";
    return true;
}

static bool check_risk(const struct cli *cli, const struct prepared *p, struct err *err)
{
    const char *limit = cli->options.fail_on;
    enum risk most, risk = program_risk(&p->program);

    if (!limit || !risk_parse(limit, &most) || risk < most)
        return true;
    return err_set(err, ERR_CHECK, "the risk of plan %s is %s (--fail-on %s)", p->plan->name,
                   risk_name(risk), limit);
}

static bool add_size(struct cli *cli, uint32_t relid, struct safety_report *report,
                     struct table_size **sizes, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct table_size *size;

    if (!pg_query(&cli->pg, &res, sql_size, PG_ARGS(arena_printf(cli->arena, "%" PRIu32, relid)),
                  err))
        return err_wrap(err, "looking at sizes");
    if (PQntuples(res) == 0)
        return true;
    size = ARENA_PUSH(cli->arena, *sizes, report->n_sizes);
    size->relation = pg_text(cli->arena, res, 0, "relation");
    size->rows = pg_text(cli->arena, res, 0, "rows") ? pg_int(res, 0, "rows") : -1;
    size->bytes = pg_int(res, 0, "table_bytes");
    size->index_bytes = pg_int(res, 0, "index_bytes");
    report->sizes = *sizes;
    return true;
}

/* Of a run that is registered, the claims tell which tables it is about. */
static bool read_sizes(struct cli *cli, const struct prepared *p, struct safety_report *report,
                       struct err *err)
{
    struct table_size *sizes = NULL;

    if (!cli->connected)
        return true;
    for (size_t i = 0; i < p->program.n_claims; i++)
        if (!add_size(cli, p->program.claims[i].relid, report, &sizes, err))
            return false;
    return true;
}

/* People read findings in the report; programs get them as diagnostics, too. */
static bool verdict(struct cli *cli, const struct prepared *p, struct err *err)
{
    struct answer unseen = { 0 };

    return prepare_verdict(cli, cli->options.json ? &cli->answer : &unseen, p, err);
}

bool cmd_plan(struct cli *cli, struct err *err)
{
    struct plan plan = { 0 };
    struct prepared p;
    struct safety_report report;
    struct buf out = BUF_IN(cli->arena);

    if (target_is_file(cli->args[0]) ? !of_file(cli, &plan, &p, err) : !of_run(cli, &plan, &p, err))
        return false;
    report = (struct safety_report){ .plan = &plan,
                                     .program = &p.program,
                                     .cats = p.cats,
                                     .run = p.run,
                                     .registered = p.registered,
                                     .unread = p.unread,
                                     .gates_off = p.registered     ? cli->run.gates_off
                                                  : cli->gates_off ? cli->env
                                                                   : NULL };
    if (!read_sizes(cli, &p, &report, err))
        return false;
    report_safety(&out, &report, format_of(&cli->options));
    if (cli->options.json)
        cli->answer.more = buf_text(&out);
    else
        cli->text = out;
    return verdict(cli, &p, err) && check_risk(cli, &p, err);
}
