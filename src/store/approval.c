/*
 * Approvals, and consent given beforehand.  Who may is decided by the guard of
 * the table (src/sql/store/approvals.sql).
 */
#include <string.h>

#include "sql_store.h" /* generated from src/sql/store */
#include "store_private.h"

bool store_denied_approver(const struct pg *pg, struct err *err)
{
    if (strcmp(err->sqlstate, "42501") != 0)
        return false;
    return err_hint(err,
                    "Whoever ran `orchestrate init` can let this role approve: "
                    "SELECT orchestrate.admit_approver('%s');",
                    pg->role);
}

bool store_approved(struct pg *pg, const struct run *run, int phase, bool *approved,
                    bool *consented, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql_approved, PG_ARGS(arg_int(&arena, run->id), arg_int(&arena, phase)),
                  err))
        return store_denied(pg, false, err);
    *approved = PQntuples(res) > 0;
    *consented = *approved && pg_bool(res, 0, "consent");
    return true;
}

bool store_approve(struct pg *pg, const struct run *run, int phase, const char *because,
                   bool consent, bool revoke, struct err *err)
{
    CLEANUP(arena) struct arena arena = { 0 };

    if (pg_run(pg, sql_approve,
               PG_ARGS(arg_int(&arena, run->id), arg_int(&arena, phase), because, arg_bool(consent),
                       arg_bool(revoke)),
               err))
        return true;
    return store_denied_approver(pg, err);
}
