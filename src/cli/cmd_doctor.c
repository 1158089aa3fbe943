/*
 * doctor: can plans be carried out with this connection, and what is worth knowing
 * of the server, the role and the tools beside us?
 */
#include <inttypes.h>
#include <time.h>

#include "command.h"
#include "orchestrate/base/text.h"
#include "orchestrate/exec/exec.h"
#include "sql_doctor.h" /* generated from src/sql/doctor */
#include "target.h"

struct line {
    const char *verdict, *code, *text, *hint; /* verdict: ok note warning problem */
};

struct visit {
    struct cli *cli;
    struct line *lines;
    size_t n;
    bool state;
};

static void add(struct visit *v, struct line line)
{
    *ARENA_PUSH(v->cli->arena, v->lines, v->n) = line;
}

static bool ask(struct visit *v, const char *sql, const char *const *args, size_t n_args,
                struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct arena *arena = v->cli->arena;

    if (!pg_query(&v->cli->pg, &res, sql, args, n_args, err))
        return false;
    for (int i = 0; i < PQntuples(res); i++)
        add(v, (struct line){ pg_text(arena, res, i, "verdict"), pg_text(arena, res, i, "code"),
                              pg_text(arena, res, i, "text"), pg_text(arena, res, i, "hint") });
    return true;
}

static bool look_at_server(struct visit *v, struct err *err)
{
    return ask(v, sql_server,
               PG_ARGS(arena_printf(v->cli->arena, "%lld", (long long)time(NULL)),
                       v->cli->pg.system_known ? "true" : "false"),
               err);
}

static bool look_at_role(struct visit *v, struct err *err)
{
    return ask(v, sql_roles,
               PG_ARGS(v->state ? "true" : "false", v->cli->pg.replica_role ? "true" : "false"),
               err);
}

static bool look_at_state(struct visit *v, struct err *err)
{
    struct arena *arena = v->cli->arena;
    const char *name = NULL;

    if (!v->state) {
        add(v,
            (struct line){ "ok", "state",
                           "no plan was started here yet: `start` makes the state schema", NULL });
        return true;
    }
    if (!store_environment(arena, &v->cli->pg, &name, err))
        return false;
    add(v, (struct line){ "ok", "state",
                          arena_printf(arena, "the state schema is version %d%s%s", STORE_VERSION,
                                       name ? ", of environment " : "", name ? name : ""),
                          NULL });
    return true;
}

static bool look_at_runs(struct visit *v, struct err *err)
{
    struct cli *cli = v->cli;
    struct run_name *names = NULL;
    size_t n = 0;

    if (v->state && !store_list(cli->arena, &cli->pg, false, &names, &n, err))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct run run = { 0 };
        const char *elsewhere;

        if (!store_load(cli->arena, &cli->pg, names[i].id, &run, err))
            return false;
        elsewhere = exec_elsewhere(cli->arena, &cli->pg, &run);
        if (elsewhere)
            add(v,
                (struct line){ "warning", "copy", elsewhere,
                               arena_printf(cli->arena, "See: orchestrate repair %s", run.name) });
    }
    return true;
}

/* Tables that were restored without the state that belongs to them. */
static bool look_for_strays(struct visit *v, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct cli *cli = v->cli;

    if (!pg_query(&cli->pg, &res, sql_strays, PG_NO_ARGS, err))
        return false;
    for (int i = 0; i < PQntuples(res); i++) {
        struct run run = { 0 };
        struct err why = { 0 };
        int64_t number = pg_int(res, i, "number");

        if (v->state && store_load(cli->arena, &cli->pg, number, &run, &why))
            continue;
        if (v->state && why.code != ERR_NO_INPUT)
            return *err = why, false;
        add(v, (struct line){
                   "warning", "stray",
                   arena_printf(cli->arena,
                                "there are things named _orch_%" PRId64 "_..., and no run %" PRId64
                                " is recorded here: tables that were restored without the schema "
                                "orchestrate?",
                                number, number),
                   "Restore that schema, too; or drop them when nobody needs them: they are not "
                   "part of the application." });
    }
    return true;
}

static bool look_at_tools(struct visit *v, struct err *err)
{
    return ask(v, sql_tools, PG_NO_ARGS, err);
}

static bool look_at_publications(struct visit *v, struct err *err)
{
    return ask(v, sql_published_state, PG_NO_ARGS, err);
}

static void tell(struct visit *v)
{
    struct cli *cli = v->cli;

    for (size_t i = 0; i < v->n; i++) {
        const struct line *l = &v->lines[i];

        report_wrap(&cli->text, arena_printf(cli->arena, "%-8s ", l->verdict), "         ",
                    l->text);
        if (l->hint)
            report_wrap(&cli->text, "         -> ", "            ", l->hint);
        if (cli->options.json)
            cli_diagnose(cli, &cli->answer,
                         (struct diagnostic){ .severity = text_same(l->verdict, "problem") ? "error"
                                                          : text_same(l->verdict, "warning")
                                                              ? "warning"
                                                              : "note",
                                              .code = l->code,
                                              .message = l->text,
                                              .hint = l->hint });
    }
}

/* A permission that is missing is 77, anything else 78. */
static bool verdict(const struct visit *v, struct err *err)
{
    size_t problems = 0, permissions = 0;

    for (size_t i = 0; i < v->n; i++)
        if (text_same(v->lines[i].verdict, "problem")) {
            problems++;
            permissions +=
                text_same(v->lines[i].code, "create") || text_same(v->lines[i].code, "owner");
        }
    if (!problems)
        return true;
    err_set(err, permissions == problems ? ERR_CONSENT : ERR_CONFIG,
            "%zu thing%s in the way: no plan can be carried out with this connection", problems,
            problems == 1 ? " is" : "s are");
    return err_hint(err, problems == 1 ? "It is the line that begins with `problem`."
                                       : "They are the lines that begin with `problem`.");
}

bool cmd_doctor(struct cli *cli, struct err *err)
{
    static bool (*const looks[])(struct visit * v, struct err * err) = {
        look_at_server,  look_at_role,         look_at_state, look_at_runs,
        look_for_strays, look_at_publications, look_at_tools,
    };
    struct visit v = { .cli = cli };

    if (!cli_state(cli, &v.state, err))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(looks); i++)
        if (!looks[i](&v, err))
            return false;
    tell(&v);
    return verdict(&v, err);
}
