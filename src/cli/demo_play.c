/*
 * The demo of an operation that brings its own scene (ops/operation.h): old and new
 * code at work, the plan's phases one by one, one of them undone in between.
 */
#include <string.h>

#include "demo.h"
#include "orchestrate/base/clock.h"
#include "orchestrate/cluster/crowd.h"

enum { WATCH_MS = 700, OLD, NEW, CODES };

struct play {
    struct demo *demo;
    const struct operation *op;
    const struct demo_spec *spec;
    struct crowd crowds[CODES];
    int64_t done[CODES]; /* statements so far */
    int n_phases;
};

static const char *const codes[] = { [OLD] = "old", [NEW] = "new" };

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static bool prepare(struct play *p, const char *database, struct err *err)
{
    struct demo *d = p->demo;
    CLEANUP(pg) struct pg pg = { 0 };

    return pg_connect(d->arena, cluster_url(d->arena, &d->cluster, database, demo_owner), "demo",
                      false, &pg, err) &&
           crowd_prepare(&pg, err) && pg_script(&pg, p->spec->schema, NULL, NULL, err);
}

static bool begin_code(struct play *p, int code, struct err *err)
{
    struct demo *d = p->demo;
    const char *statement = code == OLD ? p->spec->old_code : p->spec->new_code;

    if (!statement)
        return true;
    demo_say(&d->show, "\n");
    demo_explain(&d->show, arena_printf(d->arena, "%d clients of %s code begin: %s", CROWD_CLIENTS,
                                        codes[code], statement));
    return crowd_start(d->arena, d->url, codes[code], statement, &p->crowds[code], err);
}

static bool end_code(struct play *p, int code, struct err *err)
{
    const char *error;

    if (!crowd_stop(p->demo->arena, &p->demo->pg, &p->crowds[code], &error, err))
        return false;
    if (!error)
        return true;
    err_set(err, ERR_FAILED, "a client of %s code failed: %s", codes[code], error);
    return err_hint(err, "This is a bug of orchestrate; please report it with the output.");
}

/* Clients that stand still have failed. */
static bool watch(struct play *p, struct demo_step *step, struct err *err)
{
    struct demo *d = p->demo;
    struct buf out = BUF_IN(d->arena);

    if (!clock_sleep(WATCH_MS))
        return demo_interrupted(err);
    for (int code = OLD; code < CODES; code++) {
        int64_t n;

        if (!p->crowds[code].at_work)
            continue;
        if (!crowd_count(d->arena, &d->pg, codes[code], &n, err))
            return false;
        if (n == p->done[code])
            return end_code(p, code, err) &&
                   err_set(err, ERR_FAILED, "%s code does not get on", codes[code]);
        buf_addf(&out, "%s%s statements of %s code", out.len ? ", " : "",
                 demo_count(d->arena, n - p->done[code]), codes[code]);
        step->stats.statements += n - p->done[code];
        p->done[code] = n;
    }
    demo_say(&d->show, "    clients  %s, no error\n", out.len ? buf_text(&out) : "none at work");
    return true;
}

static void tell(struct play *p, const struct cli *sub, struct demo_step *step)
{
    struct demo *d = p->demo;

    for (size_t i = 0; i < sub->answer.n_events; i++) {
        struct buf out = BUF_IN(d->arena);

        if (sub->answer.events[i].kind != EVENT_STEP_DONE)
            continue;
        report_wrap(&out, "    step     ", "             ", sub->answer.events[i].text);
        demo_say(&d->show, "%s", buf_text(&out));
    }
    step->ms = d->took;
    demo_read_events(sub, step);
    demo_say(&d->show, "    done     in %s; %s\n", demo_ms(d->arena, step->ms),
             step->lock_ms < 0
                 ? "table never locked"
                 : arena_printf(d->arena, "table locked for %s", demo_ms(d->arena, step->lock_ms)));
}

static bool forward(struct play *p, const struct phase_spec *phase, struct err *err)
{
    struct demo *d = p->demo;
    struct demo_step *step = ARENA_PUSH(d->arena, d->show.steps, d->show.n_steps);
    bool consent = phase->undo == UNDO_NEVER;
    struct cli sub;

    step->command = "advance";
    step->phase = phase->name;
    if (consent)
        demo_explain(&d->show, "There is no way back from here, so this phase wants consent: the "
                               "plan's name.");
    demo_typed(&d->show, "advance %s%s", d->plan,
               consent ? arena_printf(d->arena, " --confirm %s", d->plan) : "");
    if (!demo_advance(d, phase->name, consent ? d->plan : NULL, &sub, err))
        return false;
    tell(p, &sub, step);
    return watch(p, step, err);
}

static bool back(struct play *p, const struct phase_spec *phase, struct err *err)
{
    struct demo *d = p->demo;
    struct demo_step *step = ARENA_PUSH(d->arena, d->show.steps, d->show.n_steps);
    struct cli sub;

    step->command = "rollback";
    step->phase = phase->name;
    demo_title(&d->show, arena_printf(d->arena, "Back from %s", phase->name));
    demo_explain(&d->show, "Second thoughts: back, with everything running.");
    demo_typed(&d->show, "rollback %s", d->plan);
    if (!demo_rollback(d, &sub, err))
        return false;
    tell(p, &sub, step);
    if (!watch(p, step, err))
        return false;
    demo_title(&d->show, arena_printf(d->arena, "Once more: %s", phase->name));
    return forward(p, phase, err);
}

static bool phases(struct play *p, struct err *err)
{
    struct demo *d = p->demo;
    int n = 0;

    for (const struct phase_spec *phase = p->op->phases; phase->name; phase++) {
        if (same(p->spec->new_from, phase->name) && !begin_code(p, NEW, err))
            return false;
        if (same(p->spec->old_until, phase->name)) {
            demo_say(&d->show, "\n");
            demo_explain(&d->show, "Old code is shut down.");
            if (!end_code(p, OLD, err))
                return false;
        }
        demo_title(&d->show,
                   arena_printf(d->arena, "Phase %d of %d: %s", ++n, p->n_phases, phase->name));
        if (!forward(p, phase, err) || (same(p->spec->back, phase->name) && !back(p, phase, err)))
            return false;
    }
    return end_code(p, OLD, err) && end_code(p, NEW, err);
}

static bool intact(struct play *p, bool *yes, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    *yes = true;
    if (!p->spec->intact)
        return true;
    if (!pg_query(&p->demo->pg, &res, p->spec->intact, PG_NO_ARGS, err))
        return false;
    *yes = pg_bool(res, 0, "intact");
    return true;
}

static bool plain(struct play *p, struct err *err)
{
    struct demo *d = p->demo;
    CLEANUP(pg) struct pg pg = { 0 };

    return pg_connect(d->arena, cluster_url(d->arena, &d->cluster, demo_twin, demo_owner), "demo",
                      false, &pg, err) &&
           pg_script(&pg, p->spec->plain, NULL, NULL, err);
}

static bool ending(struct play *p, struct err *err)
{
    struct demo *d = p->demo;
    struct buf json = BUF_IN(d->arena);
    bool whole, equal;

    demo_title(&d->show, "The end");
    if (!intact(p, &whole, err) || !plain(p, err) || !demo_compare(d, &equal, err))
        return false;
    demo_say(&d->show, "  rows     %s\n  clients  did %s statements, without an error\n",
             whole ? "all that was written is there" : "SOMETHING IS MISSING",
             demo_count(d->arena, p->done[OLD] + p->done[NEW]));
    demo_json(&json, &d->show, equal);
    d->cli->answer.more = buf_text(&json);
    if (whole && equal) {
        demo_say(&d->show,
                 "\n  All this took %.0f s. For a table of yours: `orchestrate new %s ...` writes "
                 "a plan.\n",
                 (clock_ms_exact() - d->began) / 1000, p->op->name);
        return true;
    }
    err_set(err, ERR_FAILED, "the demo did not go as it should: see above");
    return err_hint(err, "This is a bug of orchestrate; please report it with the output.");
}

bool demo_play(struct demo *d, const struct operation *op, struct err *err)
{
    struct play p = { .demo = d, .op = op, .spec = op->demo };
    bool ok;

    for (const struct phase_spec *phase = op->phases; phase->name; phase++)
        p.n_phases++;
    d->plan = p.spec->plan;
    d->plan_text = arena_printf(d->arena, "plan: %s\n%s", p.spec->plan, p.spec->change);
    demo_explain(&d->show, p.spec->story);
    ok = demo_server(d, err) && prepare(&p, demo_database, err) && prepare(&p, demo_twin, err) &&
         demo_start(d, err) && begin_code(&p, OLD, err) && phases(&p, err) && ending(&p, err);
    crowd_cleanup(&p.crowds[OLD]);
    crowd_cleanup(&p.crowds[NEW]);
    return ok;
}
