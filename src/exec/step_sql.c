/*
 * A step of the plan's own statements: sent one by one, in one transaction with
 * their record, with the search_path that was recorded at the start.
 */
#include "orchestrate/base/fault.h"
#include "orchestrate/base/json_read.h"
#include "work.h"

/* Records first: a stale epoch fails here, before anything is done. */
static bool begin(struct step_work *sw, struct err *err)
{
    struct work *w = sw->work;
    struct buf out = BUF_IN(w->arena);

    buf_add(&out, buf_text(&sw->before.sql));
    buf_add(&out, buf_text(&sw->after.sql));
    if (sw->step->role)
        buf_addf(&out, "SET LOCAL ROLE %s;\n", pg_ident(w->arena, sw->step->role));
    buf_addf(&out, "SELECT pg_catalog.set_config('search_path', %s, true);\n",
             pg_literal(w->arena, w->run->search_path));
    return pg_script(w->pg, buf_text(&out), NULL, NULL, err);
}

static bool send(struct step_work *sw, struct err *err)
{
    struct arena *arena = sw->work->arena;
    const char *at = sw->step->parts, *part;
    int n = 0;

    while (at && json_item(arena, &at, &part)) {
        n++;
        fault_point("sql_part");
        if (!pg_run(sw->work->pg, part, PG_NO_ARGS, err))
            return err_wrap(err, "statement %d", n);
    }
    return true;
}

bool step_sql(struct step_work *sw, struct err *err)
{
    CLEANUP(pg_tx) struct pg_tx tx = { 0 };

    if (!pg_begin(sw->work->pg, &tx, err) || !begin(sw, err) || !send(sw, err))
        return false;
    fault_point("sql");
    if (!work_commit(sw->work, "SET LOCAL ROLE NONE;\nCOMMIT;", NULL, err))
        return false;
    tx.pg = NULL;
    moves_done(&sw->after);
    fault_point("sql_done");
    return true;
}
