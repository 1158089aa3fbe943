/*
 * Comparing the database with what the finished phases of a run promise.
 */
#include <inttypes.h>
#include <string.h>

#include "orchestrate/pg/catalog.h"
#include "sql_exec.h" /* generated from src/sql/exec */
#include "work.h"

struct looking {
    struct arena *arena;
    struct pg *pg;
    const struct run *run;
    struct exec_check **checks;
    size_t *n;
};

static void note(struct looking *l, enum check_verdict verdict, const char *text)
{
    *ARENA_PUSH(l->arena, *l->checks, *l->n) = (struct exec_check){ verdict, text };
}

static bool look_at_table(struct looking *l, const struct claim *claim, uint32_t relid,
                          struct err *err)
{
    const char *text, *back;

    if (relid == claim->relid) {
        note(l, CHECK_OK,
             arena_printf(l->arena, "table %s is the one that the plan was started for",
                          claim->relation));
        return true;
    }
    if (!exec_other_table(l->arena, l->pg, l->run, claim, relid, &text, &back, err))
        return false;
    note(l, CHECK_WRONG, back ? arena_printf(l->arena, "%s; %s", text, back) : text);
    return true;
}

/* *same: there is something to look at. */
static bool look_at_tables(struct looking *l, bool *same, struct err *err)
{
    const struct program *program = &l->run->program;

    *same = true;
    for (size_t i = 0; !program_is_own(program) && i < program->n_claims; i++) {
        const struct claim *c = &program->claims[i];
        uint32_t relid;
        bool gone;

        if (!catalog_oid(l->arena, l->pg, c->relation, c->later, c->relid, &relid, err) ||
            !exec_table_gone(l->arena, l->pg, l->run, c, relid, &gone, err))
            return false;
        if (gone) {
            note(l, CHECK_NOTE,
                 arena_printf(l->arena,
                              "the table %s is gone: what the plan had to do for it counts as done",
                              c->relation));
            continue;
        }
        *same = *same && relid == c->relid;
        if (!look_at_table(l, c, relid, err))
            return false;
    }
    return true;
}

/* A DO block says what is wrong by raising OR010; a query returns what it saw. */
static bool look_at_promise(struct looking *l, const struct promise *promise, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct err why = { 0 };

    if (!pg_query(l->pg, &res, promise->sql, PG_NO_ARGS, &why)) {
        if (strcmp(why.sqlstate, "OR010") != 0) {
            *err = why;
            return err_wrap(err, "looking at %s", promise->title);
        }
        note(l, CHECK_WRONG, arena_strdup(l->arena, why.text));
        return true;
    }
    if (PQnfields(res) == 0)
        note(l, CHECK_OK, promise->title);
    for (int i = 0; i < PQntuples(res); i++)
        note(l, pg_bool(res, i, "ok") ? CHECK_OK : CHECK_WRONG, pg_text(l->arena, res, i, "text"));
    return true;
}

/* Steps that happen outside a transaction can be asked whether they have happened. */
static bool look_at_steps(struct looking *l, const struct phase *phase, struct err *err)
{
    for (size_t i = 0; i < phase->n_steps; i++) {
        const struct step *s = &phase->steps[i];
        CLEANUP(pg_result) PGresult *res = NULL;
        bool done;

        /* What a plan's own statement has made may be undone by a later one. */
        if (s->kind != STEP_ALONE || !s->done || s->custom)
            continue;
        if (!pg_query(l->pg, &res, s->done, PG_NO_ARGS, err))
            return err_wrap(err, "looking at step %s", s->id);
        done = PQntuples(res) > 0 && *PQgetvalue(res, 0, 0) == 't';
        note(l, done ? CHECK_OK : CHECK_WRONG,
             arena_printf(l->arena,
                          done ? "step %s holds: %s" : "step %s does not hold any more: %s", s->id,
                          s->title));
    }
    return true;
}

static bool look_for_leftovers(struct looking *l, struct err *err)
{
    struct exec_leftover *left = NULL;
    size_t n = 0;

    if (!exec_leftovers(l->arena, l->pg, l->run, &left, &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        note(l, CHECK_WRONG, arena_printf(l->arena, "left over: %s", left[i].what));
    if (!n)
        note(l, CHECK_OK, "nothing of this run is in the database");
    return true;
}

static bool look_at_phase(struct looking *l, int last, struct err *err)
{
    const struct phase *phase = &l->run->program.phases[last];

    for (size_t i = 0; i < phase->n_promises; i++)
        if (!look_at_promise(l, &phase->promises[i], err))
            return false;
    /* What is under way may have begun to take them back. */
    return l->run->phase != last || look_at_steps(l, phase, err);
}

/* Some changes are behind the next phase already, others before it: no promise fits. */
static bool between_changes(struct looking *l, bool *between, struct err *err)
{
    const struct run *run = l->run;
    const struct phase *phase = &run->program.phases[run->phase];
    bool *done = arena_alloc(l->arena, phase->n_steps + 1);
    bool several = false;

    *between = false;
    if (run->phase_state != PHASE_RUNNING && run->phase_state != PHASE_FAILED)
        return true;
    for (size_t i = 0; i < phase->n_steps; i++)
        several |= step_change(&phase->steps[i]) != step_change(&phase->steps[0]);
    if (!several)
        return true;
    if (!store_steps_done(l->pg, run, false, done, phase->n_steps, err))
        return false;
    for (size_t i = 0; i < phase->n_steps; i++)
        *between |= done[i];
    return true;
}

/* The last phase that is done; -1: none. */
static int last_done(const struct run *run)
{
    return run->phase_state == PHASE_DONE ? run->phase : run->phase - 1;
}

const char *exec_verified_phase(const struct run *run)
{
    int last = last_done(run);

    return last >= 0 ? run->program.phases[last].name : NULL;
}

static bool look(struct looking *l, struct err *err)
{
    const struct run *run = l->run;
    int last = last_done(run);
    bool same, between;

    if (!run_state_is_live(run->state) || (last < 0 && run->phase_state == PHASE_PENDING))
        return look_for_leftovers(l, err);
    if (!look_at_tables(l, &same, err))
        return false;
    if (!same)
        return true;
    if (run->phase_state == PHASE_UNDOING) {
        note(l, CHECK_NOTE,
             arena_printf(l->arena,
                          "the undo of %s is under way, so nothing else can be compared; it goes "
                          "on with: orchestrate rollback %s",
                          run->program.phases[run->phase].name, run->name));
        return true;
    }
    if (!between_changes(l, &between, err))
        return false;
    if (between) {
        note(l, CHECK_NOTE,
             arena_printf(l->arena,
                          "phase %s is under way, some changes have come further than others, so "
                          "nothing else can be compared; it goes on with: orchestrate advance %s",
                          run->program.phases[run->phase].name, run->name));
        return true;
    }
    return last < 0 || look_at_phase(l, last, err);
}

bool exec_verify(struct arena *arena, struct pg *pg, const struct run *run,
                 struct exec_check **checks, size_t *n, struct err *err)
{
    struct looking l = { arena, pg, run, checks, n };
    const char *elsewhere = exec_elsewhere(arena, pg, run);

    *checks = NULL;
    *n = 0;
    if (elsewhere) /* of what has ended nothing is left to be wrong by that */
        note(&l, run_state_is_live(run->state) ? CHECK_WRONG : CHECK_NOTE, elsewhere);
    return look(&l, err);
}

bool exec_leftovers(struct arena *arena, struct pg *pg, const struct run *run,
                    struct exec_leftover **left, size_t *n, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    *left = NULL;
    *n = 0;
    if (!pg_query(pg, &res, sql_leftovers,
                  PG_ARGS(arena_printf(arena, "%" PRId64, run->id), run->name), err))
        return err_wrap(err, "looking for what the run has made");
    for (int i = 0; i < PQntuples(res); i++)
        *ARENA_PUSH(arena, *left, *n) =
            (struct exec_leftover){ pg_text(arena, res, i, "what"),
                                    pg_text(arena, res, i, "statement") };
    return true;
}
