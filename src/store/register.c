/*
 * Registering a run: the plan and its program are written once and sealed by
 * the first row of the history.
 */
#include <string.h>

#include "orchestrate/base/json.h"
#include "sql_store.h" /* generated from src/sql/store */
#include "store_private.h"

bool store_run_number(struct pg *pg, bool reserve, int64_t *id, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct err why = { 0 };

    *id = 1;
    if (!pg_query(pg, &res, reserve ? sql_run_number_take : sql_run_number_peek, PG_NO_ARGS,
                  &why)) {
        if (!reserve && (strcmp(why.sqlstate, "3F000") == 0 || strcmp(why.sqlstate, "42P01") == 0))
            return true;
        *err = why;
        return store_denied(pg, reserve, err);
    }
    *id = pg_int(res, 0, "id");
    return true;
}

static void add_steps(struct json *j, const char *key, const struct step *steps, size_t n)
{
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++) {
        const struct step *s = &steps[i];

        json_open(j, NULL, '{');
        json_text(j, "id", s->id);
        json_text(j, "kind", step_kind_name(s->kind));
        json_text(j, "title", s->title);
        json_text(j, "prepare", s->prepare);
        json_text(j, "next", s->next);
        json_text(j, "sql", s->sql);
        json_text(j, "done", s->done);
        json_text(j, "publish", s->publish);
        json_text(j, "leftovers", s->leftovers);
        json_text(j, "guard", s->guard);
        json_text(j, "relation", s->relation);
        json_text(j, "role", s->role);
        json_text(j, "parts", s->parts);
        json_bool(j, "custom", s->custom);
        json_bool(j, "loses", s->loses);
        json_text(j, "lock", lock_mode_name(s->lock));
        json_text(j, "moment", lock_mode_name(s->moment));
        json_text(j, "risk", risk_name(s->risk));
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void add_gates(struct json *j, const struct phase *phase)
{
    json_open(j, "gates", '[');
    for (size_t i = 0; i < phase->n_gates; i++) {
        const struct gate *g = &phase->gates[i];

        json_open(j, NULL, '{');
        json_text(j, "name", g->name);
        json_text(j, "sql", g->sql);
        json_text(j, "args", g->args);
        json_bool(j, "always", g->always);
        json_bool(j, "overridable", g->overridable);
        json_bool(j, "check", g->check);
        json_int(j, "change", g->change);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void add_promises(struct json *j, const struct phase *phase)
{
    json_open(j, "promises", '[');
    for (size_t i = 0; i < phase->n_promises; i++) {
        json_open(j, NULL, '{');
        json_text(j, "title", phase->promises[i].title);
        json_text(j, "sql", phase->promises[i].sql);
        json_close(j, '}');
    }
    json_close(j, ']');
}

const char *store_phases_json(struct arena *arena, const struct program *program,
                              const char *code_new)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '[');
    for (size_t i = 0; i < program->n_phases; i++) {
        const struct phase *p = &program->phases[i];

        json_open(&j, NULL, '{');
        json_text(&j, "name", p->name);
        json_text(&j, "note", p->note);
        json_bool(&j, "deploy_before", p->deploy_before);
        json_text(&j, "undo", undo_kind_name(p->undo));
        json_text(&j, "undo_until", p->undo_until);
        json_bool(&j, "undo_with_previous", p->undo_with_previous);
        json_text(&j, "code_new", code_new);
        add_steps(&j, "steps", p->steps, p->n_steps);
        add_steps(&j, "undo_steps", p->undo_steps, p->n_undo_steps);
        add_gates(&j, p);
        add_promises(&j, p);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    return buf_text(&out);
}

const char *store_claims_json(struct arena *arena, const struct program *program)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '[');
    for (size_t i = 0; i < program->n_claims; i++) {
        json_open(&j, NULL, '{');
        json_int(&j, "relid", program->claims[i].relid);
        json_text(&j, "relation", program->claims[i].relation);
        json_text(&j, "later", program->claims[i].later);
        json_bool(&j, "shared", program->claims[i].shared);
        json_close(&j, '}');
    }
    json_close(&j, ']');
    return buf_text(&out);
}

static const char *settings_json(struct arena *arena, const struct registration *reg)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '{');
    for (size_t i = 0; i < reg->n_settings; i++)
        json_text(&j, reg->settings[i].key, reg->settings[i].text);
    json_close(&j, '}');
    return buf_text(&out);
}

static bool insert_plan(struct pg *pg, struct arena *arena, const char *run,
                        const struct registration *reg, struct err *err)
{
    if (pg_run(pg, sql_register_plan,
               PG_ARGS(run, reg->name, reg->description, reg->owner, reg->ticket, reg->app,
                       reg->code_new, reg->source, reg->canonical, reg->checksum,
                       arg_int(arena, (int64_t)reg->program->n_phases), reg->search_path,
                       reg->gates_off),
               err))
        return true;
    if (strcmp(err->sqlstate, "23505") != 0)
        return store_denied(pg, true, err);
    err_set(err, ERR_CHECK, "there is a live run of plan %s already", reg->name);
    return err_hint(err, "See `orchestrate status %s`.", reg->name);
}

bool store_register_phases(struct pg *pg, const char *run, const char *phases, const char *first,
                           struct err *err)
{
    return pg_run(pg, sql_register_phases, PG_ARGS(run, phases, first), err) &&
           pg_run(pg, sql_register_steps, PG_ARGS(run, phases, first), err) &&
           pg_run(pg, sql_register_gates, PG_ARGS(run, phases, first), err) &&
           pg_run(pg, sql_register_promises, PG_ARGS(run, phases, first), err);
}

bool store_register(struct pg *pg, int64_t id, const struct registration *reg, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_tx) struct pg_tx tx = { 0 };
    const char *run = arg_int(&arena, id);
    const char *phases = store_phases_json(&arena, reg->program, reg->code_new);
    const char *detail = "{\"tool\":\"" ORCHESTRATE_VERSION "\"}";

    return pg_begin(pg, &tx, err) && insert_plan(pg, &arena, run, reg, err) &&
           store_register_phases(pg, run, phases, "0", err) &&
           pg_run(pg, sql_register_claims, PG_ARGS(run, store_claims_json(&arena, reg->program)),
                  err) &&
           pg_run(pg, sql_register_control, PG_ARGS(run, settings_json(&arena, reg)), err) &&
           pg_run(pg, sql_register_first, PG_ARGS(run, store_uuid(&arena), detail), err) &&
           pg_commit(&tx, err);
}
