/*
 * Reading a run back: as it was registered, and as it stands now.
 */
#include <inttypes.h>

#include "sql_store.h" /* generated from src/sql/store */
#include "store_private.h"

bool store_find(struct pg *pg, const char *name, int64_t *id, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql_find, PG_ARGS(name), err))
        return false;
    *id = PQntuples(res) ? pg_int(res, 0, "run") : 0;
    return true;
}

bool store_list(struct arena *arena, struct pg *pg, bool all, struct run_name **names, size_t *n,
                struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    *names = NULL;
    *n = 0;
    if (!pg_query(pg, &res, sql_list, PG_ARGS(arg_bool(all)), err))
        return false;
    for (int i = 0; i < PQntuples(res); i++)
        *ARENA_PUSH(arena, *names, *n) =
            (struct run_name){ pg_int(res, i, "run"), pg_text(arena, res, i, "name"),
                               pg_text(arena, res, i, "app") };
    return true;
}

static bool read_phases(struct arena *arena, const PGresult *res, struct run *run, struct err *err)
{
    struct program *program = &run->program;

    for (int i = 0; i < PQntuples(res); i++) {
        struct phase *p = ARENA_PUSH(arena, program->phases, program->n_phases);
        const char *undo = pg_text(arena, res, i, "undo");

        *p = (struct phase){ .name = pg_text(arena, res, i, "name"),
                             .note = pg_text(arena, res, i, "note"),
                             .deploy_before = pg_bool(res, i, "deploy_before"),
                             .undo_until = pg_text(arena, res, i, "undo_until"),
                             .undo_with_previous = pg_bool(res, i, "undo_with_previous") };
        if (!undo_kind_parse(undo, &p->undo))
            return store_unknown(run, "kind of undo", undo, err);
    }
    run->records = arena_alloc(arena, program->n_phases * sizeof *run->records);
    return true;
}

static bool read_step(struct arena *arena, const PGresult *res, int i, const struct run *run,
                      struct step *s, struct err *err)
{
    const char *kind = pg_text(arena, res, i, "kind"), *lock = pg_text(arena, res, i, "lock"),
               *moment = pg_text(arena, res, i, "moment"), *risk = pg_text(arena, res, i, "risk");

    *s = (struct step){ .id = pg_text(arena, res, i, "id"),
                        .title = pg_text(arena, res, i, "title"),
                        .prepare = pg_text(arena, res, i, "prepare"),
                        .next = pg_text(arena, res, i, "next"),
                        .sql = pg_text(arena, res, i, "sql"),
                        .done = pg_text(arena, res, i, "done"),
                        .publish = pg_text(arena, res, i, "publish"),
                        .leftovers = pg_text(arena, res, i, "leftovers"),
                        .guard = pg_text(arena, res, i, "guard"),
                        .relation = pg_text(arena, res, i, "relation"),
                        .role = pg_text(arena, res, i, "role"),
                        .parts = pg_text(arena, res, i, "parts"),
                        .custom = pg_bool(res, i, "custom"),
                        .loses = pg_bool(res, i, "loses") };
    if (!step_kind_parse(kind, &s->kind))
        return store_unknown(run, "kind of step", kind, err);
    if (!lock_mode_parse(lock, &s->lock))
        return store_unknown(run, "lock", lock, err);
    if (!lock_mode_parse(moment, &s->moment))
        return store_unknown(run, "lock", moment, err);
    return risk_parse(risk, &s->risk) || store_unknown(run, "risk", risk, err);
}

static bool read_steps(struct arena *arena, const PGresult *res, struct run *run, struct err *err)
{
    for (int i = 0; i < PQntuples(res); i++) {
        struct phase *p = &run->program.phases[pg_int(res, i, "phase")];
        struct step *s = pg_bool(res, i, "undo") ? ARENA_PUSH(arena, p->undo_steps, p->n_undo_steps)
                                                 : ARENA_PUSH(arena, p->steps, p->n_steps);

        if (!read_step(arena, res, i, run, s, err))
            return false;
    }
    return true;
}

static bool read_gates(struct arena *arena, const PGresult *res, struct run *run, struct err *err)
{
    (void)err;
    for (int i = 0; i < PQntuples(res); i++) {
        struct phase *p = &run->program.phases[pg_int(res, i, "phase")];

        *ARENA_PUSH(arena, p->gates, p->n_gates) =
            (struct gate){ .name = pg_text(arena, res, i, "name"),
                           .sql = pg_text(arena, res, i, "sql"),
                           .args = pg_text(arena, res, i, "args"),
                           .always = pg_bool(res, i, "always"),
                           .overridable = pg_bool(res, i, "overridable"),
                           .check = pg_bool(res, i, "must_hold"),
                           .change = (int)pg_int(res, i, "change") };
    }
    return true;
}

static bool read_promises(struct arena *arena, const PGresult *res, struct run *run,
                          struct err *err)
{
    (void)err;
    for (int i = 0; i < PQntuples(res); i++) {
        struct phase *p = &run->program.phases[pg_int(res, i, "phase")];

        *ARENA_PUSH(arena, p->promises, p->n_promises) =
            (struct promise){ .title = pg_text(arena, res, i, "title"),
                              .sql = pg_text(arena, res, i, "sql") };
    }
    return true;
}

static bool read_claims(struct arena *arena, const PGresult *res, struct run *run, struct err *err)
{
    (void)err;
    for (int i = 0; i < PQntuples(res); i++)
        *ARENA_PUSH(arena, run->program.claims, run->program.n_claims) =
            (struct claim){ .relid = (uint32_t)pg_int(res, i, "relid"),
                            .relation = pg_text(arena, res, i, "relation"),
                            .later = pg_text(arena, res, i, "later"),
                            .shared = pg_bool(res, i, "shared") };
    return true;
}

static bool read_records(struct arena *arena, const PGresult *res, struct run *run, struct err *err)
{
    for (size_t i = 0; i < run->program.n_phases; i++)
        run->records[i] = (struct phase_record){ .state = PHASE_PENDING };
    for (int i = 0; i < PQntuples(res); i++) {
        size_t phase = (size_t)pg_int(res, i, "phase");
        const char *state = pg_text(arena, res, i, "state");
        struct phase_record *r;

        if (phase >= run->program.n_phases)
            return store_unknown(run, "phase", pg_text(arena, res, i, "phase"), err);
        r = &run->records[phase];
        r->started_at = pg_text(arena, res, i, "started_at");
        r->finished_at = pg_text(arena, res, i, "finished_at");
        if (!phase_state_parse(state, &r->state))
            return store_unknown(run, "state", state, err);
    }
    return true;
}

/* A setting that this version does not know was made by a newer one: it is left alone. */
static bool read_settings(struct arena *arena, const PGresult *res, struct run *run,
                          struct err *err)
{
    settings_preset(&run->settings);
    settings_preset(&run->plan_settings);
    for (int i = 0; i < PQntuples(res); i++) {
        const struct setting *setting = setting_find(pg_text(arena, res, i, "key"));
        const char *plan = pg_text(arena, res, i, "plan");

        if (setting &&
            (!setting_parse(setting, pg_text(arena, res, i, "text"), &run->settings, err) ||
             (plan && !setting_parse(setting, plan, &run->plan_settings, err))))
            return err_wrap(err, "setting %s of plan %s", setting->key, run->name);
    }
    return true;
}

/* The one row: what the run is, and where it stands. */
static bool read_run(struct arena *arena, const PGresult *res, struct run *run, struct err *err)
{
    const char *state = pg_text(arena, res, 0, "to_state");

    run->name = pg_text(arena, res, 0, "name");
    run->app = pg_text(arena, res, 0, "app");
    run->description = pg_text(arena, res, 0, "description");
    run->owner = pg_text(arena, res, 0, "owner");
    run->ticket = pg_text(arena, res, 0, "ticket");
    run->code_new = pg_text(arena, res, 0, "code_new");
    run->gates_off = pg_text(arena, res, 0, "gates_off");
    run->checksum = pg_text(arena, res, 0, "checksum");
    run->canonical = pg_text(arena, res, 0, "canonical");
    run->search_path = pg_text(arena, res, 0, "search_path");
    run->system_id = pg_text(arena, res, 0, "system_id");
    run->database_oid = (uint32_t)pg_int(res, 0, "database_oid");
    run->here_oid = (uint32_t)pg_int(res, 0, "here_oid");
    run->database_name = pg_text(arena, res, 0, "database_name");
    run->forgotten = pg_bool(res, 0, "forgotten");
    run->epoch = pg_int(res, 0, "epoch");
    run->paused = pg_bool(res, 0, "paused");
    run->paused_because = run->paused ? pg_text(arena, res, 0, "because") : NULL;
    run->seq = pg_int(res, 0, "seq");
    run->phase = (int)pg_int(res, 0, "to_phase");
    if (!phase_state_parse(state, &run->phase_state))
        return store_unknown(run, "state", state, err);
    run->state = machine_run_state(run->phase_state, run->phase == 0,
                                   run->phase + 1 == pg_int(res, 0, "n_phases"));
    if (run->forgotten)
        run->state = RUN_UNDONE;
    return true;
}

typedef bool reader(struct arena *arena, const PGresult *res, struct run *run, struct err *err);

struct reading {
    const char *sql;
    reader *read;
    bool changes; /* read again by store_refresh */
};

/* In this order: later ones look at what earlier ones made. */
static const struct reading readings[] = {
    { sql_load_run, read_run, true },
    { sql_load_phases, read_phases, false },
    { sql_load_steps, read_steps, false },
    { sql_load_gates, read_gates, false },
    { sql_load_promises, read_promises, false },
    { sql_load_claims, read_claims, false },
    { sql_load_records, read_records, true },
    { sql_load_settings, read_settings, true },
};

static bool read_all(struct arena *arena, struct pg *pg, bool again, struct run *run,
                     struct err *err)
{
    const char *id = arg_int(arena, run->id);

    for (size_t i = 0; i < ARRAY_LEN(readings); i++) {
        const struct reading *r = &readings[i];
        CLEANUP(pg_result) PGresult *res = NULL;

        if (again && !r->changes)
            continue;
        if (!pg_query(pg, &res, r->sql, PG_ARGS(id), err))
            return false;
        if (i == 0 && PQntuples(res) == 0)
            return err_set(err, ERR_NO_INPUT, "there is no run %" PRId64, run->id);
        if (!r->read(arena, res, run, err))
            return false;
    }
    return true;
}

bool store_load(struct arena *arena, struct pg *pg, int64_t id, struct run *run, struct err *err)
{
    *run = (struct run){ .id = id };
    return read_all(arena, pg, false, run, err);
}

bool store_refresh(struct arena *arena, struct pg *pg, struct run *run, struct err *err)
{
    return read_all(arena, pg, true, run, err);
}

bool store_settings(struct pg *pg, struct run *run, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 }; /* numbers remain, texts do not */
    CLEANUP(pg_result) PGresult *res = NULL;

    return pg_query(pg, &res, sql_load_settings, PG_ARGS(arg_int(&arena, run->id)), err) &&
           read_settings(&arena, res, run, err);
}
