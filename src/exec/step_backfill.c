/*
 * A step of many short transactions; see backfill/backfill.h.
 */
#include "orchestrate/backfill/backfill.h"
#include "work.h"

static bool stopped(struct work *w, enum backfill_end end, struct err *err)
{
    if (end == BACKFILL_STOPPED)
        return err_set(err, ERR_BUSY, "another process takes plan %s over", w->run->name);
    w->stopped = true;
    w->result->outcome = end == BACKFILL_PAUSED ? OUT_PAUSED : OUT_IN_PROGRESS;
    return true;
}

/*
 * A table that the plan's own words name, as they find it; *name: without its schema.  On their
 * search_path our operators have to bear theirs.
 */
static bool find_relation(struct step_work *sw, const char **relation, const char **name,
                          struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct work *w = sw->work;
    bool committed;

    *relation = sw->step->relation;
    *name = NULL;
    if (!sw->step->custom)
        return true;
    if (!pg_script(w->pg,
                   arena_printf(w->arena,
                                "BEGIN;\nSELECT pg_catalog.set_config('search_path', %s, true);\n"
                                "SELECT pg_catalog.format('%%I.%%I', n.nspname, c.relname) AS rel,"
                                " pg_catalog.quote_ident(c.relname) AS name"
                                " FROM pg_catalog.pg_class c"
                                " JOIN pg_catalog.pg_namespace n"
                                " ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
                                " WHERE c.oid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(%s)"
                                "::pg_catalog.oid AND c.relkind OPERATOR(pg_catalog.=)"
                                " ANY ('{r,p}'::pg_catalog.\"char\"[]);\nCOMMIT;",
                                pg_literal(w->arena, w->run->search_path),
                                pg_literal(w->arena, sw->step->relation)),
                   &committed, &res, err))
        return false;
    if (PQntuples(res) == 0)
        return err_set(err, ERR_FAILED, "there is no table %s to fill", sw->step->relation);
    *relation = pg_text(w->arena, res, 0, "rel");
    *name = pg_text(w->arena, res, 0, "name");
    return true;
}

bool step_backfill(struct step_work *sw, struct err *err)
{
    struct work *w = sw->work;
    struct backfill_job job = { .run = w->run,
                                .undo = w->undo,
                                .ord = sw->ord,
                                .phase = sw->phase->name,
                                .step = sw->step->id,
                                .relation = sw->step->relation,
                                .set = sw->step->sql,
                                .guard = sw->step->guard,
                                .done = sw->step->done && *sw->step->done ? sw->step->done : NULL,
                                .role = sw->step->role,
                                .search_path = sw->step->custom ? w->run->search_path : NULL,
                                .words = sw->step->custom ? sw->step->parts : NULL,
                                .fast = w->options->fast,
                                .listener = &w->options->listener };
    enum backfill_end end;

    if (!find_relation(sw, &job.relation, &job.name, err) || !moves_commit(&sw->before, err) ||
        (sw->step->custom && !store_attempt(w->pg, w->run, w->undo, sw->ord, w->attempt, err)) ||
        !backfill_run(w->pg, &job, &end, &sw->rows, err))
        return false;
    if (sw->step->custom && !work_own_words_over(w, err))
        return false;
    if (end != BACKFILL_DONE)
        return stopped(w, end, err);
    /* A synchronous commit: it flushes what the batches committed without waiting. */
    return moves_commit(&sw->after, err);
}
