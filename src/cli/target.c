#include "target.h"

#include <inttypes.h>

#include "orchestrate/base/text.h"
#include "plan_change.h"

bool target_is_file(const char *arg)
{
    return strchr(arg, '/') || text_ends(arg, ".yaml") || text_ends(arg, ".yml") ||
           strcmp(arg, "-") == 0;
}

bool target_load_plan(struct cli *cli, struct answer *answer, const char *file, struct plan *plan,
                      struct err *err)
{
    struct plan_errors *errors = arena_alloc(cli->arena, sizeof *errors);

    return plan_load(cli->arena, file, plan, errors) ||
           cli_file_errors(cli, answer, file, errors, err);
}

/* Names that may have been meant. */
static bool no_such_run(struct cli *cli, const char *name, bool state, struct err *err)
{
    struct run_name *names = NULL;
    const char **list = NULL, *near;
    size_t n = 0, k = 0;

    if (state && !store_list(cli->arena, &cli->pg, true, &names, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        *ARENA_PUSH(cli->arena, list, k) = names[i].name;
    *ARENA_PUSH(cli->arena, list, k) = NULL;
    near = text_nearest(name, list);
    if (cli->file) {
        err_set(err, ERR_NO_INPUT, "plan %s was never started in this database", name);
        return err_hint(err, "Run `orchestrate start %s` first.", cli->file->file);
    }
    err_set(err, ERR_NO_INPUT, "there is no plan %s in this database", name);
    if (near)
        return err_hint(err, "Did you mean %s?", near);
    return err_hint(err, n ? "`orchestrate status` lists the live ones; a plan file is written "
                             "with a / or its .yaml."
                           : "No plan was started here yet: `orchestrate start FILE`.");
}

/* Words about the plan: kept with the run, and said. */
static bool keep_words(struct cli *cli, struct answer *answer, const struct plan *plan,
                       const struct run *run, struct err *err)
{
    bool changed;

    if (!store_update_source(&cli->pg, run, plan->text, plan->description, plan->owner,
                             plan->ticket, &changed, err))
        return false;
    if (changed)
        cli_diagnose(cli, answer,
                     (struct diagnostic){ .severity = "note",
                                          .code = "plan-words",
                                          .message = arena_printf(
                                              cli->arena,
                                              "%s has other words (description, owner, ticket, "
                                              "comments) and does the same: kept with run %" PRId64,
                                              plan->file, run->id) });
    return true;
}

bool target_compare(struct cli *cli, struct answer *answer, const struct plan *plan,
                    struct run *run, struct err *err)
{
    const char *diff = strcmp(plan->checksum, run->checksum) == 0
                           ? ""
                           : plan_diff(cli->arena, run->canonical, plan->canonical);

    if (*diff)
        return plan_change(cli, answer, plan, run, diff, err);
    if ((cli->command->flags & (ONLY_READS | KEEPS_WORDS)) || cli->options.dry_run)
        return true;
    return keep_words(cli, answer, plan, run, err);
}

bool target_named(struct cli *cli, struct run *run, struct err *err)
{
    const char *name = cli->file ? cli->file->name : cli->args[0];
    bool state;
    int64_t id = 0;

    if (!cli_state(cli, &state, err) || (state && !store_find(&cli->pg, name, &id, err)))
        return false;
    if (!id)
        return no_such_run(cli, name, state, err);
    if (!store_load(cli->arena, &cli->pg, id, run, err))
        return false;
    answer_run(&cli->answer, run);
    return !cli->file || target_compare(cli, &cli->answer, cli->file, run, err);
}

static bool too_many(struct cli *cli, const struct run_name *names, size_t n, struct err *err)
{
    struct buf list = BUF_IN(cli->arena);

    for (size_t i = 0; i < n && i < 10; i++)
        buf_addf(&list, "%s%s", i ? ", " : "", names[i].name);
    err_set(err, ERR_USAGE, "%zu plans are live; say which one is meant", n);
    return err_hint(err, "%s%s", buf_text(&list), n > 10 ? ", ..." : "");
}

bool target_one(struct cli *cli, struct run *run, struct err *err)
{
    struct run_name *names = NULL;
    size_t n = 0;
    bool state;

    if (cli->n_args)
        return target_named(cli, run, err);
    if (!cli_state(cli, &state, err) ||
        (state && !store_list(cli->arena, &cli->pg, false, &names, &n, err)))
        return false;
    if (n > 1)
        return too_many(cli, names, n, err);
    if (n == 0) {
        err_set(err, ERR_NO_INPUT, "no plan is live in this database");
        return err_hint(err, "Start one: `orchestrate start FILE`.");
    }
    if (!store_load(cli->arena, &cli->pg, names[0].id, run, err))
        return false;
    answer_run(&cli->answer, run);
    return true;
}

bool target_live(struct cli *cli, struct run_name **names, size_t *n, struct err *err)
{
    struct run_name *all = NULL;
    size_t count = 0;
    bool state;

    *names = NULL;
    *n = 0;
    if (!cli_state(cli, &state, err) ||
        (state && !store_list(cli->arena, &cli->pg, false, &all, &count, err)))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!cli->options.app || strcmp(all[i].app, cli->options.app) == 0)
            *ARENA_PUSH(cli->arena, *names, *n) = all[i];
    return true;
}

void target_none(struct cli *cli, const char *before)
{
    const char *app = cli->options.app;

    buf_addf(&cli->text, "%sno plan%s%s is live in this database\n", before, app ? " of app " : "",
             app ? app : "");
}

bool target_check_app(struct cli *cli, struct err *err)
{
    if (!cli->options.app || !cli->n_args)
        return true;
    err_set(err, ERR_USAGE, "--app chooses among plans; %s is named already", cli->args[0]);
    return err_hint(err, "Leave one of them out.");
}
