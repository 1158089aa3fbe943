/*
 * Is this the database, and are these the tables, that a run was started for?
 */
#include <inttypes.h>
#include <string.h>

#include "orchestrate/pg/catalog.h"
#include "sql_exec.h" /* generated from src/sql/exec */
#include "work.h"

const char *exec_elsewhere(struct arena *arena, const struct pg *pg, const struct run *run)
{
    if (store_same_database(pg, run))
        return NULL;
    return arena_printf(arena,
                        "run %" PRId64 " of plan %s belongs to another database: %s (oid %" PRIu32
                        " of system %s), and this is %s (oid %" PRIu32 " of system %s)",
                        run->id, run->name, run->database_name, run->database_oid,
                        run->system_id ? run->system_id : "unknown", pg->database, run->here_oid,
                        *pg->system_id ? pg->system_id : "unknown");
}

bool exec_other_table(struct arena *arena, struct pg *pg, const struct run *run,
                      const struct claim *claim, uint32_t relid, const char **text,
                      const char **back, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    const char *oid = arena_printf(arena, "%" PRIu32, claim->relid), *now = NULL;

    *back = NULL;
    if (!pg_query(pg, &res, sql_called_now, PG_ARGS(oid, claim->relation), err))
        return false;
    if (PQntuples(res)) {
        now = pg_text(arena, res, 0, "name");
        *back = pg_text(arena, res, 0, "back");
    }
    *text = arena_printf(
        arena, "plan %s was started for the table %s with oid %s; %s", run->name, claim->relation,
        oid,
        now     ? arena_printf(arena, "it is called %s by now%s", now,
                           relid ? ", and another one has its name" : "")
        : relid ? "the one of that name here is another (restored from a dump, or made anew?)"
                : "there is none of that name here now (dropped?)");
    return true;
}

/* Of several changes one may have dropped its table already, the last step of its own. */
static bool dropped_by_us(struct arena *arena, struct pg *pg, const struct run *run,
                          const struct claim *claim, bool *ours, struct err *err)
{
    const struct phase *phase = &run->program.phases[run->phase];
    bool *done = arena_alloc(arena, phase->n_steps + 1);

    *ours = false;
    if (!claim->later || phase->undo != UNDO_NEVER ||
        (run->phase_state != PHASE_RUNNING && run->phase_state != PHASE_FAILED))
        return true;
    if (!store_steps_done(pg, run, false, done, phase->n_steps, err))
        return false;
    for (size_t i = 0; i < phase->n_steps; i++)
        *ours |= done[i] && phase->steps[i].relation &&
                 strcmp(phase->steps[i].relation, claim->later) == 0;
    return true;
}

bool exec_table_gone(struct arena *arena, struct pg *pg, const struct run *run,
                     const struct claim *claim, uint32_t relid, bool *gone, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    bool ours = false;

    *gone = false;
    if (relid)
        return true;
    if (!claim->shared && !dropped_by_us(arena, pg, run, claim, &ours, err))
        return false;
    if (!claim->shared && !ours)
        return true;
    if (!pg_query(pg, &res, sql_dropped, PG_ARGS(arena_printf(arena, "%" PRIu32, claim->relid)),
                  err))
        return false;
    *gone = pg_bool(res, 0, "dropped");
    return true;
}

/* Only what has not ended can be adopted. */
static bool hint(const struct run *run, const char *ended, const char *live, struct err *err)
{
    if (run_state_is_live(run->state))
        return err_hint(err, "Nothing was changed. %s: orchestrate repair %s", live, run->name);
    return err_hint(err,
                    "Nothing was changed. %sThe run has ended, and goes back only where it was "
                    "carried out; write a new plan for the way back.",
                    ended);
}

static bool other_table(struct work *w, const struct claim *claim, uint32_t relid, struct err *err)
{
    const char *text, *back;

    if (!exec_other_table(w->arena, w->pg, w->run, claim, relid, &text, &back, err))
        return false;
    err_set(err, ERR_CHECK, "%s", text);
    if (back)
        return err_hint(err,
                        "Nothing was changed. Give the table its name back until the plan has "
                        "ended (%s); then try again.",
                        back);
    return hint(w->run, "", "See what can be done", err);
}

/*
 * A dump that was restored has all the names and other oids; so has a table that
 * was dropped and made again.  Whatever the program would do there is a guess.
 */
static bool same_tables(struct work *w, struct err *err)
{
    const struct program *program = &w->run->program;
    uint32_t relid;

    /* Such a plan may rename or drop its tables itself, and names them anew in each statement. */
    if (program_is_own(program))
        return true;
    for (size_t i = 0; i < program->n_claims; i++) {
        const struct claim *c = &program->claims[i];
        bool gone;

        if (!catalog_oid(w->arena, w->pg, c->relation, c->later, c->relid, &relid, err) ||
            !exec_table_gone(w->arena, w->pg, w->run, c, relid, &gone, err))
            return false;
        if (relid == c->relid || gone)
            continue;
        return other_table(w, c, relid, err);
    }
    return true;
}

bool work_same_place(struct work *w, struct err *err)
{
    const char *elsewhere = exec_elsewhere(w->arena, w->pg, w->run);

    if (!elsewhere)
        return same_tables(w, err);
    err_set(err, ERR_CHECK, "%s", elsewhere);
    return hint(w->run, "",
                "A restored dump, a clone and a server after pg_upgrade look like this. See what "
                "is here, and what can be done",
                err);
}
