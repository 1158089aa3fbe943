/*
 * store_fixture.h - small runs for the tests of the state schema: three phases
 * of two steps each, no real work behind them.
 */
#ifndef ORCHESTRATE_TESTS_STORE_FIXTURE_H
#define ORCHESTRATE_TESTS_STORE_FIXTURE_H

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "orchestrate/gates/gate.h"
#include "orchestrate/store/store.h"
#include "support.h"

/* Calls that must succeed, and calls that must not. */
#define WORKS(call)                                                                                \
    do {                                                                                           \
        struct err err = { 0 };                                                                    \
        ck_assert_msg((call), "%s (%s) hint: %s", err.text, err.sqlstate, err.hint);               \
    } while (0)
#define FAILS(call, error_code, part)                                                              \
    do {                                                                                           \
        struct err err = { 0 };                                                                    \
        ck_assert_msg(!(call), "it succeeded");                                                    \
        ck_assert_msg(err.code == (error_code), "%s: %s", err_name(err.code), err.text);           \
        CONTAINS(arena_printf(test_arena(), "%s; hint: %s", err.text, err.hint), (part));          \
    } while (0)

static inline struct pg *open_as(const char *db, const char *role)
{
    struct pg *pg = arena_alloc(test_arena(), sizeof *pg);

    WORKS(pg_connect(test_arena(), test_url(db, role), "orchestrate/test", false, pg, &err));
    return pg;
}

enum { PHASES = 3 };

struct start {
    const char *name, *app, *code_new;
    const char *gate, *gate_value; /* of the last phase */
    enum undo_kind last_undo;      /* UNDO_INSTANT when left out */
    uint32_t claim;                /* a table's oid; 0: none */
    bool shared;
};

static inline struct step *fixture_steps(const char *phase, const char *suffix, size_t n)
{
    struct step *steps = arena_alloc(test_arena(), n * sizeof *steps);

    for (size_t i = 0; i < n; i++)
        steps[i] =
            (struct step){ .id = arena_printf(test_arena(), "%s/1/%zu%s", phase, i + 1, suffix),
                           .kind = i % 2 ? STEP_ALONE : STEP_DDL,
                           .title = "it's a \"step\"",
                           .sql = "SELECT 'ä\\n\n'",
                           .relation = "\"shop\".\"t\"",
                           .lock = LOCK_ACCESS_EXCLUSIVE,
                           .risk = RISK_MEDIUM };
    return steps;
}

static inline void fixture_gates(struct phase *phase, const struct start *start)
{
    size_t n = 0;

    for (const struct gate_kind *k = gate_kinds; k->name; k++) {
        bool planned = start && start->gate && strcmp(start->gate, k->name) == 0;

        if (k->always || planned)
            *ARENA_PUSH(test_arena(), phase->gates, n) =
                (struct gate){ .name = k->name,
                               .sql = k->sql,
                               .args = planned ? start->gate_value : NULL,
                               .always = k->always,
                               .overridable = k->overridable,
                               .check = k->check };
    }
    phase->n_gates = n;
}

static inline const struct program *fixture_program(const struct start *start)
{
    static const char *const names[PHASES] = { "expand", "switch", "contract" };
    struct program *program = arena_alloc(test_arena(), sizeof *program);

    program->phases = arena_alloc(test_arena(), PHASES * sizeof *program->phases);
    program->n_phases = PHASES;
    for (int i = 0; i < PHASES; i++) {
        struct phase *p = &program->phases[i];

        *p = (struct phase){ .name = names[i],
                             .note = i == 0 ? "deploy \"new\" code" : NULL,
                             .deploy_before = i == 1,
                             .undo = i == PHASES - 1 ? start->last_undo : UNDO_INSTANT,
                             .undo_until = "until contract starts",
                             .steps = fixture_steps(names[i], "", 2),
                             .n_steps = 2,
                             .undo_steps = fixture_steps(names[i], "/undo/1", 1),
                             .n_undo_steps = 1 };
        /* One that does part of it without its record: there is no way back once it has begun. */
        if (p->undo == UNDO_NEVER)
            p->steps[0].kind = STEP_BACKFILL;
        fixture_gates(p, i == PHASES - 1 ? start : NULL);
    }
    if (start->claim) {
        program->claims = arena_alloc(test_arena(), sizeof *program->claims);
        program->claims[0] =
            (struct claim){ .relid = start->claim, .relation = "shop.t", .shared = start->shared };
        program->n_claims = 1;
    }
    return program;
}

static inline bool fixture_register(struct pg *pg, const struct start *start, int64_t *id,
                                    struct err *err)
{
    static const struct setting_text settings[] = { { "lock_timeout", "70ms" },
                                                    { "batch_rows.max", "4000" } };
    struct registration reg = { .name = start->name,
                                .description = "what it's for",
                                .app = start->app,
                                .code_new = start->code_new,
                                .source = "plan: x\n# ünïcode\n",
                                .canonical = "plan = x\n",
                                .checksum = "00112233445566778899aabbccddeeff"
                                            "00112233445566778899aabbccddeeff",
                                .search_path = "\"$user\", public",
                                .settings = settings,
                                .n_settings = ARRAY_LEN(settings),
                                .program = fixture_program(start) };

    return store_run_number(pg, true, id, err) && store_register(pg, *id, &reg, err);
}

static inline struct run *start_run(struct pg *pg, struct start start)
{
    struct run *run = arena_alloc(test_arena(), sizeof *run);
    int64_t id;

    WORKS(fixture_register(pg, &start, &id, &err));
    WORKS(store_load(test_arena(), pg, id, run, &err));
    return run;
}

static inline void take(struct pg *pg, struct run *run)
{
    struct holder holder;
    bool taken = false;

    WORKS(store_take(test_arena(), pg, run, false, 0, &taken, &holder, &err));
    ck_assert(taken);
}

static inline unsigned facts_of(const struct run *run)
{
    int undone = run->phase_state == PHASE_UNDONE ? run->phase - 1 : run->phase;
    unsigned facts = 0;

    facts |= run->phase == 0 ? FACT_FIRST_PHASE : 0u;
    facts |= (size_t)run->phase + 1 == run->program.n_phases ? FACT_LAST_PHASE : 0u;
    if (undone >= 0 && run->phase_state != PHASE_PENDING &&
        run->program.phases[undone].undo == UNDO_NEVER)
        facts |= FACT_NO_RETURN;
    return facts;
}

static inline bool try_move(struct pg *pg, struct run *run, enum run_event on, const char *detail,
                            struct err *err)
{
    const struct transition *t = machine_find(run->phase_state, on, facts_of(run));

    ck_assert_msg(t != NULL, "no move on %s", run_event_name(on));
    if (!pg_run(pg, store_move_sql(test_arena(), run, t, store_uuid(test_arena()), detail),
                PG_NO_ARGS, err))
        return false;
    store_moved(run, t);
    return true;
}

static inline void move(struct pg *pg, struct run *run, enum run_event on)
{
    WORKS(try_move(pg, run, on, NULL, &err));
}

/* Carries a ready run through its next phase; claims come with the first one. */
static inline void finish_phase(struct pg *pg, struct run *run, const char *detail)
{
    if (run->phase_state == PHASE_DONE)
        move(pg, run, EV_ADVANCE);
    move(pg, run, EV_ADVANCE);
    WORKS(try_move(pg, run, EV_PHASE_OVER, detail, &err));
}

/* A history that stands at this state of this phase. */
static inline void stand_at(struct pg *pg, struct run *run, int phase, enum phase_state state)
{
    for (int i = 0; i < phase; i++)
        finish_phase(pg, run, NULL);
    if (phase > 0)
        move(pg, run, EV_ADVANCE);
    if (state == PHASE_PENDING)
        return;
    move(pg, run, EV_ADVANCE);
    if (state == PHASE_DONE)
        move(pg, run, EV_PHASE_OVER);
    if (state == PHASE_FAILED)
        move(pg, run, EV_FAILED);
    if (state == PHASE_UNDOING || state == PHASE_UNDONE)
        move(pg, run, EV_UNDO);
    if (state == PHASE_UNDONE)
        move(pg, run, EV_UNDO_OVER);
    ck_assert_int_eq(run->phase, phase);
    ck_assert_int_eq(run->phase_state, state);
}

/* One for a loop to skip: such a history cannot exist. */
static inline bool can_stand_at(int phase, enum phase_state state, enum undo_kind last_undo)
{
    return !(phase == PHASES - 1 && last_undo == UNDO_NEVER &&
             (state == PHASE_UNDOING || state == PHASE_UNDONE));
}

#endif
