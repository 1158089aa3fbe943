/*
 * Changing what was registered: only by an amendment, which stays on record and
 * permits it within its own transaction.
 */
#include <string.h>

#include "orchestrate/base/json.h"
#include "sql_store.h" /* generated from src/sql/store */
#include "store_private.h"

bool store_update_source(struct pg *pg, const struct run *run, const char *source,
                         const char *description, const char *owner, const char *ticket,
                         bool *changed, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql_update_source,
                  PG_ARGS(arg_int(&arena, run->id), source, description, owner, ticket), err))
        return store_denied(pg, true, err);
    *changed = PQntuples(res) > 0;
    return true;
}

static bool amend(struct pg *pg, const struct run *run, const char *kind, const char *checksum,
                  const char *canonical, const char *detail, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };

    return pg_run(pg, sql_amend,
                  PG_ARGS(arg_int(&arena, run->id), arg_int(&arena, run->epoch), kind, checksum,
                          canonical, detail),
                  err) ||
           store_denied(pg, true, err);
}

static const char *dropped_settings(struct arena *arena, const struct plan_edit *edit)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '[');
    for (size_t i = 0; i < edit->n_settings; i++)
        if (!edit->settings[i].text)
            json_text(&j, NULL, edit->settings[i].key);
    json_close(&j, ']');
    return buf_text(&out);
}

static const char *changed_settings(struct arena *arena, const struct plan_edit *edit)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '{');
    for (size_t i = 0; i < edit->n_settings; i++)
        if (edit->settings[i].text)
            json_text(&j, edit->settings[i].key, edit->settings[i].text);
    json_close(&j, '}');
    return buf_text(&out);
}

static const char *detail_json(struct arena *arena, const struct plan_edit *edit)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '{');
    json_text(&j, "changed", edit->changed);
    json_text(&j, "diff", edit->diff);
    json_close(&j, '}');
    return buf_text(&out);
}

bool store_undo_failed(struct pg *pg, const struct run *run, int phase, bool *failed,
                       size_t *undone, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql_undo_failed,
                  PG_ARGS(arg_int(&arena, run->id), arg_int(&arena, phase)), err))
        return store_denied(pg, false, err);
    *failed = pg_bool(res, 0, "failed");
    *undone = (size_t)pg_int(res, 0, "undone");
    return true;
}

static bool exchange_undo(struct pg *pg, struct arena *arena, const char *id, const char *phases,
                          const struct plan_edit *edit, struct err *err)
{
    const char *phase = arg_int(arena, edit->mended),
               *undone = arg_int(arena, (int64_t)edit->undone);

    return edit->mended < 0 ||
           (pg_run(pg, sql_exchange_undo, PG_ARGS(id, phases, phase, undone), err) &&
            pg_run(pg, sql_register_undo, PG_ARGS(id, phases, phase, undone), err));
}

/* The phases from edit->first on, whole: as they are when nothing but a gate differs. */
static bool exchange_phases(struct pg *pg, struct arena *arena, const struct run *run,
                            const struct plan_edit *edit, struct err *err)
{
    const char *id = arg_int(arena, run->id), *first = arg_int(arena, (int64_t)edit->first);
    const char *phases = store_phases_json(arena, edit->program, edit->code_new);

    return pg_run(pg, sql_exchange_claims, PG_ARGS(id, store_claims_json(arena, edit->program)),
                  err) &&
           pg_run(pg, sql_exchange_targets, PG_ARGS(id, phases), err) &&
           pg_run(pg, sql_exchange_program, PG_ARGS(id, first), err) &&
           exchange_undo(pg, arena, id, phases, edit, err) &&
           store_register_phases(pg, id, phases, first, err);
}

bool store_amend_plan(struct pg *pg, const struct run *run, const struct plan_edit *edit,
                      struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_tx) struct pg_tx tx = { 0 };
    const char *id = arg_int(&arena, run->id);
    const char *detail = detail_json(&arena, edit);

    return pg_begin(pg, &tx, err) &&
           amend(pg, run, "plan", edit->checksum, edit->canonical, detail, err) &&
           exchange_phases(pg, &arena, run, edit, err) &&
           pg_run(pg, sql_amend_plan,
                  PG_ARGS(id, edit->canonical, edit->checksum, edit->code_new, edit->source,
                          edit->description, edit->owner, edit->ticket,
                          arg_int(&arena, (int64_t)edit->program->n_phases)),
                  err) &&
           pg_run(pg, sql_amend_settings,
                  PG_ARGS(id, dropped_settings(&arena, edit), changed_settings(&arena, edit)),
                  err) &&
           store_event(pg, run, "plan_changed", NULL, NULL, detail, err) && pg_commit(&tx, err);
}

static const char *adopted_json(struct arena *arena, const struct pg *pg, const struct run *run,
                                const struct program *program, const char *because)
{
    struct buf out = BUF_IN(arena);
    struct json j = { .out = &out };

    json_open(&j, NULL, '{');
    json_text(&j, "database", pg->database);
    json_text(&j, "before", run->database_name);
    json_bool(&j, "tables_anew", program != NULL);
    json_text(&j, "because", because);
    json_close(&j, '}');
    return buf_text(&out);
}

/* The program as it reads with the oids of this database. */
static bool exchange_program(struct pg *pg, struct arena *arena, const struct run *run,
                             const struct program *program, struct err *err)
{
    const char *id = arg_int(arena, run->id);
    const char *phases = store_phases_json(arena, program, run->code_new);
    const char *claims = store_claims_json(arena, program);

    return pg_run(pg, sql_adopt_claims_aside,
                  PG_ARGS(id, claims, *pg->system_id ? pg->system_id : NULL), err) &&
           pg_run(pg, sql_adopt_claims, PG_ARGS(id, claims), err) &&
           pg_run(pg, sql_adopt_steps, PG_ARGS(id, phases), err) &&
           pg_run(pg, sql_adopt_promises, PG_ARGS(id), err) &&
           pg_run(pg, sql_register_promises, PG_ARGS(id, phases, "0"), err) &&
           pg_run(pg, sql_adopt_gates, PG_ARGS(id), err) &&
           pg_run(pg, sql_register_gates, PG_ARGS(id, phases, "0"), err) &&
           pg_run(pg, sql_adopt_phases, PG_ARGS(id), err) &&
           pg_run(pg, sql_adopt_checkpoints, PG_ARGS(id), err);
}

static bool rebind_all(struct pg *pg, struct arena *arena, const char *rebind, struct err *err)
{
    return !rebind ||
           pg_script(pg, arena_printf(arena, "%s\nSET LOCAL ROLE NONE;", rebind), NULL, NULL,
                     err) ||
           err_wrap(err, "making anew what knows the old oids");
}

/* What a run does at all is not for every runner to change. */
static bool adopt_denied(struct err *err)
{
    if (strcmp(err->sqlstate, "42501") != 0)
        return false;
    return err_hint(err, "Adopting a run is for the role that ran `orchestrate init`.");
}

bool store_adopt(struct pg *pg, const struct run *run, const struct program *program,
                 const char *rebind, const char *because, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_tx) struct pg_tx tx = { 0 };
    const char *detail = adopted_json(&arena, pg, run, program, because);

    if (!pg_begin(pg, &tx, err))
        return false;
    if (!amend(pg, run, "adopt", NULL, NULL, detail, err) ||
        !pg_run(pg, sql_adopt_plan,
                PG_ARGS(arg_int(&arena, run->id), *pg->system_id ? pg->system_id : NULL), err) ||
        (program && !exchange_program(pg, &arena, run, program, err)))
        return adopt_denied(err);
    return rebind_all(pg, &arena, rebind, err) &&
           store_event(pg, run, "adopted", NULL, NULL, detail, err) && pg_commit(&tx, err);
}

bool store_forget(struct pg *pg, const struct run *run, const char *because, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_tx) struct pg_tx tx = { 0 };
    struct buf detail = BUF_IN(&arena);
    struct json j = { .out = &detail };

    json_open(&j, NULL, '{');
    json_text(&j, "because", because);
    json_close(&j, '}');
    return pg_begin(pg, &tx, err) && amend(pg, run, "forget", NULL, NULL, buf_text(&detail), err) &&
           store_event(pg, run, "forgotten", NULL, NULL, buf_text(&detail), err) &&
           pg_commit(&tx, err);
}

bool store_same_database(const struct pg *pg, const struct run *run)
{
    bool known = run->system_id && *pg->system_id;

    return run->database_oid == run->here_oid &&
           (!known || strcmp(run->system_id, pg->system_id) == 0);
}
