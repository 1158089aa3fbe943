/*
 * A step that only reads: it holds when its query returns no row.
 */
#include "work.h"

bool step_check(struct step_work *sw, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(sw->work->pg, &res, sw->step->sql, PG_NO_ARGS, err))
        return false;
    if (PQntuples(res) > 0) {
        err_set(err, ERR_FAILED, "the check found %d row(s), e.g. %s = %s", PQntuples(res),
                PQfname(res, 0), PQgetisnull(res, 0, 0) ? "NULL" : PQgetvalue(res, 0, 0));
        return err_hint(err, "Mend the data, then advance again.");
    }
    buf_add(&sw->before.sql, buf_text(&sw->after.sql));
    sw->after.sql = sw->before.sql;
    return moves_commit(&sw->after, err);
}
