/*
 * Deploys: how far one carries a run, and how it ended.
 */
#include <string.h>

#include "orchestrate/base/text.h"
#include "sql_store.h" /* generated from src/sql/store */
#include "store_private.h"

static bool other_target(const struct run *run, const struct deploy *deploy, int target,
                         struct err *err)
{
    err_set(err, ERR_CHECK, "deploy %s carries plan %s through phase %s; now %s is asked for",
            deploy->id, run->name, run->program.phases[deploy->target].name,
            run->program.phases[target].name);
    return err_hint(err, "Leave --to out, or use another deploy id.");
}

static void read_deploy(struct arena *arena, const PGresult *res, struct deploy *deploy)
{
    deploy->hold = pg_text(arena, res, 0, "hold");
    deploy->target = deploy->hold ? -1 : (int)pg_int(res, 0, "target");
    deploy->reached = pg_bool(res, 0, "reached");
    deploy->by = pg_text(arena, res, 0, "by");
}

bool store_deploy(struct arena *arena, struct pg *pg, const struct run *run, const char *id,
                  int target, const char *to, struct deploy *deploy, struct err *err)
{
    const char *wanted = target >= 0 ? arg_int(arena, target) : NULL, *before = NULL;

    *deploy = (struct deploy){ .id = id, .target = -1 };
    /* Two first calls at once: one of them has to ask again. */
    for (int round = 0; round < 2; round++) {
        CLEANUP(pg_result) PGresult *res = NULL;

        if (!pg_query(pg, &res, sql_deploy_target,
                      PG_ARGS(arg_int(arena, run->id), id, run->app, wanted, to), err)) {
            store_denied(pg, true, err);
            return err_wrap(err, "deploy %s", id);
        }
        if (PQntuples(res) == 0)
            continue;
        read_deploy(arena, res, deploy);
        before = pg_text(arena, res, 0, "wanted");
        break;
    }
    /* `deploy`, said again, means what it meant the first time. */
    if (to && !text_same(to, before) && target >= 0 && deploy->target >= 0 &&
        target != deploy->target)
        return other_target(run, deploy, target, err);
    return true;
}

bool store_deploy_hold(struct arena *arena, struct pg *pg, const struct run *run, const char *id,
                       const char *because, struct deploy *deploy, struct err *err)
{
    if (!pg_run(pg, sql_deploy_hold, PG_ARGS(arg_int(arena, run->id), id, run->app, because), err))
        return store_denied(pg, true, err);
    if (!store_deploy(arena, pg, run, id, -1, NULL, deploy, err))
        return false;
    if (deploy->target < 0)
        return true;
    err_set(err, ERR_CHECK,
            "deploy %s carries plan %s through phase %s; it cannot be held any more", id, run->name,
            run->program.phases[deploy->target].name);
    return err_hint(err, "To keep later deploys from stepping: orchestrate pause %s", run->name);
}

bool store_deploy_under_way(struct arena *arena, struct pg *pg, const struct run *run,
                            const char **id, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql_deploy_under_way,
                  PG_ARGS(arg_int(arena, run->id), arg_int(arena, run->phase)), err))
        return false;
    *id = PQntuples(res) ? pg_text(arena, res, 0, "id") : NULL;
    return true;
}

bool store_deploy_reached(struct pg *pg, const struct run *run, const char *id, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };

    return pg_run(pg, sql_deploy_reached, PG_ARGS(arg_int(&arena, run->id), id), err);
}

static const char *const statuses[] = { "success", "failed",      "cancelled",
                                        "skipped", "rolled_back", NULL };

static bool check_status(const char *status, struct err *err)
{
    const char *near = text_nearest(status, statuses);

    for (size_t i = 0; statuses[i]; i++)
        if (strcmp(statuses[i], status) == 0)
            return true;
    err_set(err, ERR_USAGE, "a deploy does not end as %s", status);
    return near ? err_hint(err, "Did you mean %s?", near)
                : err_hint(err, "One of: success, failed, cancelled, skipped, rolled_back.");
}

static bool ambiguous(const char *id, struct arena *arena, const PGresult *res, struct err *err)
{
    struct buf apps = BUF_IN(arena);

    for (int i = 0; i < PQntuples(res); i++) {
        const char *app = pg_text(arena, res, i, "app");

        buf_addf(&apps, "%s%s", i ? ", " : "", *app ? app : "(no app)");
    }
    err_set(err, ERR_USAGE, "several apps have a deploy %s: %s", id, buf_text(&apps));
    return err_hint(err, "Say which one is meant: --app NAME.");
}

/* The code that was rolled back does not come out again under the same id. */
static bool after_roll_back(const char *id, const char *status, struct err *err)
{
    err_set(err, ERR_CHECK, "deploy %s was rolled back; it cannot end as %s any more", id, status);
    return err_hint(err, "A new rollout needs a deploy id of its own.");
}

bool store_confirm(struct pg *pg, const char *id, const char *status, const char *app,
                   const char *version, bool *changed, bool *known, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_tx) struct pg_tx tx = { 0 };
    CLEANUP(pg_result) PGresult *res = NULL;
    const char *before, *version_before;

    if (!check_status(status, err) || !pg_begin(pg, &tx, err) ||
        !pg_query(pg, &res, sql_deploy_find, PG_ARGS(id, app), err))
        return store_denied(pg, true, err);
    if (PQntuples(res) > 1)
        return ambiguous(id, &arena, res, err);
    before = PQntuples(res) ? pg_text(&arena, res, 0, "status") : NULL;
    version_before = PQntuples(res) ? pg_text(&arena, res, 0, "version") : NULL;
    *known = PQntuples(res) && pg_bool(res, 0, "known");
    *changed =
        !before || strcmp(before, status) != 0 || (version && !text_same(version, version_before));
    if (!*changed)
        return pg_commit(&tx, err);
    if (before && strcmp(before, "rolled_back") == 0 && strcmp(status, "rolled_back") != 0)
        return after_roll_back(id, status, err);
    if (!app)
        app = PQntuples(res) ? pg_text(&arena, res, 0, "app") : "";
    return (pg_run(pg, sql_deploy_confirm, PG_ARGS(app, id, status, version), err) ||
            store_denied(pg, true, err)) &&
           pg_commit(&tx, err);
}

bool store_deploy_app(struct arena *arena, struct pg *pg, const char *id, const char **app,
                      struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql_deploy_app, PG_ARGS(id), err))
        return store_denied(pg, false, err);
    *app = PQntuples(res) ? pg_text(arena, res, 0, "app") : NULL;
    return true;
}

bool store_is_new_code(struct pg *pg, const struct run *run, const char *version, bool *known,
                       bool *yes, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql_satisfies, PG_ARGS(version, run->code_new), err))
        return err_wrap(err, "comparing versions");
    *known = !PQgetisnull(res, 0, 0);
    *yes = *known && pg_bool(res, 0, "satisfies");
    return true;
}
