/*
 * verify: does the database hold what the finished phases promise?
 */
#include <inttypes.h>

#include "checks.h"
#include "command.h"
#include "target.h"

struct verification {
    struct cli *cli;
    struct json j;
    size_t wrong;
    struct buf plans; /* names of those that something is wrong with */
    const char *only; /* the name of one of them */
};

static const char *headline(const struct run *run, struct arena *arena)
{
    const char *phase = exec_verified_phase(run);

    if (!run_state_is_live(run->state))
        return arena_printf(arena, "%s (run %" PRId64 "), %s", run->name, run->id,
                            run->forgotten ? "given up" : run_state_name(run->state));
    return arena_printf(arena, "%s (run %" PRId64 "), %s%s", run->name, run->id,
                        phase ? "after " : "not begun", phase ? phase : "");
}

static bool look_at_history(struct verification *v, const struct run *run,
                            struct exec_check **checks, size_t *n, struct err *err)
{
    struct arena *arena = v->cli->arena;
    int64_t bad = -1;

    if (!store_history_check(&v->cli->pg, run->id, &bad, err))
        return false;
    *ARENA_PUSH(arena, *checks, *n) = (struct exec_check){
        bad < 0 ? CHECK_OK : CHECK_WRONG,
        bad < 0 ? arena_printf(arena,
                               "the record is whole: %" PRId64
                               " rows, each with the hash of those before it",
                               run->seq + 1)
                : arena_printf(
                      arena, "row %" PRId64 " of the record is missing, or is not what was written",
                      bad)
    };
    return true;
}

static bool verify(struct verification *v, const struct run *run, bool history_only,
                   struct err *err)
{
    struct cli *cli = v->cli;
    struct exec_check *checks = NULL;
    size_t n = 0, wrong;

    if (!history_only && !exec_verify(cli->arena, &cli->pg, run, &checks, &n, err))
        return err_wrap(err, "%s", run->name);
    if (cli->options.history && !look_at_history(v, run, &checks, &n, err))
        return err_wrap(err, "%s", run->name);
    buf_addf(&cli->text, "%s\n", headline(run, cli->arena));
    checks_text(&cli->text, checks, n);
    checks_json(&v->j, run, checks, n);
    wrong = checks_wrong(checks, n);
    if (!wrong)
        return true;
    buf_addf(&v->plans, "%s%s", v->wrong ? ", " : "", run->name);
    v->wrong += wrong;
    v->only = run->name;
    return true;
}

/* Live runs whole; with --history the record of those that have ended, too. */
static bool verify_all(struct verification *v, struct err *err)
{
    struct cli *cli = v->cli;
    struct run_name *names = NULL;
    size_t n = 0;
    bool state;

    if (!cli_state(cli, &state, err) ||
        (state && !store_list(cli->arena, &cli->pg, cli->options.history, &names, &n, err)))
        return false;
    for (size_t i = 0; i < n; i++) {
        struct run run = { 0 };

        if (!store_load(cli->arena, &cli->pg, names[i].id, &run, err) ||
            !verify(v, &run, !run_state_is_live(run.state), err))
            return false;
    }
    if (!n)
        buf_add(&cli->text, "no plan is live in this database\n");
    return true;
}

static bool verdict(const struct verification *v, struct err *err)
{
    if (!v->wrong)
        return true;
    err_set(err, ERR_CHECK, "%zu thing%s not as %s left %s", v->wrong,
            v->wrong == 1 ? " is" : "s are", buf_text(&v->plans), v->wrong == 1 ? "it" : "them");
    return err_hint(err, "What can be done: orchestrate repair %s", v->only);
}

bool cmd_verify(struct cli *cli, struct err *err)
{
    struct buf more = BUF_IN(cli->arena);
    struct verification v = { .cli = cli, .j = { .out = &more }, .plans = BUF_IN(cli->arena) };
    bool ok;

    json_open(&v.j, "checks", '[');
    if (cli->n_args)
        ok = target_named(cli, &cli->run, err) && verify(&v, &cli->run, false, err);
    else
        ok = verify_all(&v, err);
    json_close(&v.j, ']');
    cli->answer.more = buf_text(&more);
    return ok && verdict(&v, err);
}
