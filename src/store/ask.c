/*
 * Questions about runs that are asked before somebody decides.
 */
#include <inttypes.h>

#include "sql_store.h" /* generated from src/sql/store */
#include "store_private.h"

bool store_claimant(struct arena *arena, struct pg *pg, uint32_t relid, int64_t own,
                    const char *after, struct claimant *who, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    *who = (struct claimant){ 0 };
    if (!pg_query(pg, &res, sql_claimant,
                  PG_ARGS(arena_printf(arena, "%" PRIu32, relid), arg_int(arena, own), after), err))
        return store_denied(pg, false, err);
    if (PQntuples(res) == 0)
        return true;
    *who = (struct claimant){ .plan = pg_text(arena, res, 0, "name"),
                              .relation = pg_text(arena, res, 0, "relation"),
                              .taken = pg_bool(res, 0, "taken") };
    return true;
}

bool store_source(struct arena *arena, struct pg *pg, int64_t run, const char **source,
                  struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    *source = NULL;
    if (!pg_query(pg, &res, sql_source, PG_ARGS(arg_int(arena, run)), err))
        return store_denied(pg, false, err);
    if (PQntuples(res))
        *source = pg_text(arena, res, 0, "source");
    return true;
}
