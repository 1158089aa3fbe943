/*
 * Asking the gates of a phase.
 *
 * Each is a stored query; the store knows none of them but `consent`, whose
 * answer may come with the command line.
 */
#include <ctype.h>
#include <string.h>

#include "orchestrate/base/clock.h"
#include "orchestrate/base/json.h"
#include "orchestrate/base/text.h"
#include "sql_store.h" /* generated from src/sql/store */
#include "store_private.h"

/* How long a gate of the plan may think: its query is not ours. */
enum { PATIENCE_MS = 10000 };

/* What to do about a closed gate; the others are overridden or waited for. */
static const struct {
    const char *gate;
    const char *command; /* %s: the plan, %p: the phase */
} commands[] = {
    { "after", "orchestrate status" },
    { "approval", "orchestrate approve %s %p" },
    { "predecessor", "orchestrate advance %s" },
    { "paused", "orchestrate resume %s" },
    { "consent", "orchestrate advance %s --confirm %s" },
};

static const char *fill_in(struct arena *arena, const char *command, const char *plan,
                           const char *phase)
{
    struct buf out = BUF_IN(arena);

    for (const char *p = command; *p; p++) {
        if (*p == '%')
            buf_add(&out, *++p == 'p' ? phase : plan);
        else
            buf_addn(&out, p, 1);
    }
    return buf_text(&out);
}

/* `success` counts only when it comes from the plan's app, in a version that it names. */
static const char *confirm_command(struct arena *arena, const struct run *run)
{
    return arena_printf(arena, "orchestrate confirm --deploy-id ID --status success%s%s%s",
                        *run->app ? " --app " : "", run->app,
                        run->code_new ? " --app-version VERSION" : "");
}

static const char *next_command(struct arena *arena, const struct run *run,
                                const struct gate_answer *a)
{
    if (strcmp(a->gate, "deploy") == 0)
        return confirm_command(arena, run);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(commands[i].gate, a->gate) == 0)
            return fill_in(arena, commands[i].command, run->name, a->phase);
    /* What is pasted, or run by a script, never overrides: that needs a reason of its own. */
    return arena_printf(arena, "orchestrate advance %s", run->name);
}

/* The gate's query as a part of ours: without what ends a statement. */
static const char *wrapped(struct arena *arena, const char *sql)
{
    size_t n = strlen(sql);

    while (n > 0 && (isspace((unsigned char)sql[n - 1]) || sql[n - 1] == ';'))
        n--;
    return arena_printf(arena,
                        "SELECT g.open, g.reason, g.evidence::text AS evidence,"
                        " orchestrate.utc(g.until) AS until,"
                        " EXTRACT(epoch FROM g.until - pg_catalog.clock_timestamp())::float8 * 1000"
                        " AS wait_ms"
                        " FROM (SELECT $1::bigint, $2::integer, $3::text) AS args"
                        " CROSS JOIN LATERAL (\n%.*s\n) AS g",
                        (int)n, sql);
}

/* *late: it was given up.  A first signal cancels it, as it does any other wait. */
static bool ask_in_time(struct pg *pg, PGresult **res, const char *sql, const char *const *args,
                        size_t n_args, bool *late, struct err *err)
{
    int64_t kept = pg->deadline, until = clock_ms() + PATIENCE_MS;
    bool on_first = pg->cancel_on_first, ok;
    struct err why = { 0 };

    if (!kept || until < kept)
        pg->deadline = until;
    pg->cancel_on_first = true;
    ok = pg_query(pg, res, sql, args, n_args, &why);
    *late = !ok && why.code == ERR_INTERRUPTED && !why.signal && pg->deadline == until;
    pg->cancel_on_first = on_first;
    pg->deadline = kept;
    if (!ok && !*late)
        *err = why;
    return ok || *late;
}

static void read_answer(struct arena *arena, const PGresult *res, struct gate_answer *a)
{
    a->open = pg_bool(res, 0, "open");
    a->reason = pg_text(arena, res, 0, "reason");
    a->until = pg_text(arena, res, 0, "until");
    a->evidence = pg_text(arena, res, 0, "evidence");
    if (a->until)
        a->wait_ms = pg_float(res, 0, "wait_ms");
}

static bool ask(struct arena *arena, struct pg *pg, const struct run *run, int phase,
                const struct gate *gate, struct gate_answer *a, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    const char *name = run->program.phases[phase].name, *sql = wrapped(arena, gate->sql);
    const char *args[] = { arg_int(arena, run->id), arg_int(arena, phase), gate->args };
    bool late = false;

    if (gate->always ? !pg_query(pg, &res, sql, args, ARRAY_LEN(args), err)
                     : !ask_in_time(pg, &res, sql, args, ARRAY_LEN(args), &late, err))
        return err_wrap(err, "gate %s of phase %s", gate->name, name);
    if (!late && PQntuples(res) != 1)
        return err_set(err, ERR_BUG, "gate %s of phase %s gave %d answers", gate->name, name,
                       PQntuples(res));
    *a = (struct gate_answer){
        .gate = gate->name, .phase = name, .overridable = gate->overridable, .check = gate->check
    };
    if (late)
        a->reason = arena_printf(arena, "it did not answer within %d s", PATIENCE_MS / 1000);
    else
        read_answer(arena, res, a);
    if (!a->open)
        a->next_command = next_command(arena, run, a);
    return true;
}

/* The plan's name, given on the command line, is the consent. */
static bool consent(struct arena *arena, struct pg *pg, const struct run *run, const char *given,
                    struct gate_answer *a, struct err *err)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };

    if (a->open || !given || strcmp(a->gate, "consent") != 0)
        return true;
    if (strcmp(given, run->name) != 0) {
        err_set(err, ERR_CONSENT, "--confirm %s is not the name of this plan", given);
        return err_hint(err, "Its name is %s.", run->name);
    }
    json_open(&j, NULL, '{');
    json_text(&j, "by", pg->role);
    json_text(&j, "confirmed", given);
    json_close(&j, '}');
    a->open = true;
    a->reason = NULL;
    a->next_command = NULL;
    a->evidence = buf_text(&out);
    return true;
}

/* Every gate of every phase: an override may be meant for a phase further on. */
static const char *const *all_names(struct arena *arena, const struct run *run)
{
    const char **names = NULL;
    size_t n = 0;

    for (size_t p = 0; p < run->program.n_phases; p++)
        for (size_t g = 0; g < run->program.phases[p].n_gates; g++)
            *ARENA_PUSH(arena, names, n) = run->program.phases[p].gates[g].name;
    *ARENA_PUSH(arena, names, n) = NULL;
    return names;
}

static bool check_names(struct arena *arena, const struct run *run, const struct gate_query *query,
                        struct err *err)
{
    const char *const *names = query->n_overrides ? all_names(arena, run) : NULL;

    for (size_t i = 0; i < query->n_overrides; i++) {
        const char *near;
        size_t k = 0;

        while (names[k] && strcmp(names[k], query->overrides[i]) != 0)
            k++;
        if (names[k])
            continue;
        near = text_nearest(query->overrides[i], names);
        err_set(err, ERR_USAGE, "plan %s has no gate %s", run->name, query->overrides[i]);
        return near ? err_hint(err, "Did you mean %s?", near)
                    : err_hint(err, "See `orchestrate status %s`.", run->name);
    }
    return true;
}

static bool override(const struct gate_query *query, struct gate_answer *a, struct err *err)
{
    for (size_t i = 0; i < query->n_overrides && !a->open; i++) {
        if (strcmp(query->overrides[i], a->gate) != 0)
            continue;
        if (!a->overridable) {
            err_set(err, ERR_USAGE, "gate %s cannot be overridden: %s", a->gate,
                    a->reason ? a->reason : "it is closed");
            return err_hint(err, "Then: %s", a->next_command);
        }
        a->overridden = true;
    }
    return true;
}

static bool is_asked(const struct gate_query *query, const char *gate)
{
    size_t i = 0;

    while (query->only && query->only[i] && strcmp(query->only[i], gate) != 0)
        i++;
    return !query->only || query->only[i];
}

/*
 * A phase that is under way may have done already what one of its changes does there:
 * what had to be true before that is not so any more.  *done: its steps that are
 * recorded; NULL: the phase is not under way.
 */
static bool steps_done(struct arena *arena, struct pg *pg, const struct run *run, int phase,
                       bool **done, struct err *err)
{
    size_t n = run->program.phases[phase].n_steps;

    *done = NULL;
    if (run->phase != phase ||
        (run->phase_state != PHASE_RUNNING && run->phase_state != PHASE_FAILED))
        return true;
    *done = arena_alloc(arena, n + 1);
    return store_steps_done(pg, run, false, *done, n, err);
}

static bool is_behind(const struct phase *phase, const struct gate *gate, const bool *done)
{
    bool any = false;

    for (size_t i = 0; done && gate->change && i < phase->n_steps; i++) {
        if (step_change(&phase->steps[i]) != (size_t)gate->change)
            continue;
        if (!done[i])
            return false;
        any = true;
    }
    return any;
}

bool store_gates(struct arena *arena, struct pg *pg, const struct run *run, int phase,
                 const struct gate_query *query, struct gate_answer **answers, size_t *n,
                 struct err *err)
{
    const struct phase *p = &run->program.phases[phase];

    bool *done;

    *answers = NULL;
    *n = 0;
    if (!check_names(arena, run, query, err) || !steps_done(arena, pg, run, phase, &done, err))
        return false;
    for (size_t i = 0; i < p->n_gates; i++) {
        struct gate_answer *a;

        if (!is_asked(query, p->gates[i].name) || is_behind(p, &p->gates[i], done))
            continue;
        a = ARENA_PUSH(arena, *answers, *n);
        if (!ask(arena, pg, run, phase, &p->gates[i], a, err))
            return false;
        if (query->local.look)
            query->local.look(query->local.context, p->gates[i].args, a);
        if (!consent(arena, pg, run, query->consent, a, err) || !override(query, a, err))
            return false;
    }
    return true;
}

bool store_gate_evidence(struct pg *pg, const struct run *run, int phase,
                         const struct gate_answer *answers, size_t n, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    struct buf out = BUF_IN(&arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '[');
    for (size_t i = 0; i < n; i++) {
        if (!answers[i].evidence)
            continue;
        json_open(&j, NULL, '{');
        json_text(&j, "gate", answers[i].gate);
        json_raw(&j, "evidence", answers[i].evidence);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    return pg_run(pg, sql_gate_evidence,
                  PG_ARGS(arg_int(&arena, run->id), arg_int(&arena, phase), buf_text(&out)), err) ||
           store_denied(pg, true, err);
}
