#include "orchestrate/backfill/around.h"

#include <string.h>

#include "sql_backfill.h"

static const char *why_they_fire(struct arena *arena, const struct pg *pg,
                                 const struct backfill_around *around, bool ordinary)
{
    if (!ordinary)
        return "They are not of those that a session can keep still (ENABLE ALWAYS, REPLICA).";
    if (around->keys)
        return arena_printf(arena,
                            "They cannot be kept still, since that would keep %s from being "
                            "checked, too.",
                            around->keys);
    if (pg->replica_role)
        return "They are ENABLE ALWAYS, or REPLICA, as which the backfill runs.";
    if (pg->version < 150000)
        return arena_printf(arena, "To keep them still %s had to be a superuser.", pg->role);
    return arena_printf(arena,
                        "To keep them still %s needs a right: GRANT SET ON PARAMETER "
                        "session_replication_role TO %s (as superuser).",
                        pg->role, pg_ident(arena, pg->role));
}

bool backfill_look_around(struct arena *arena, struct pg *pg, const char *relation,
                          const char *columns, struct backfill_around *around, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    bool ordinary;

    if (!pg_query(pg, &res, sql_around, PG_ARGS(relation, columns), err))
        return err_wrap(err, "looking what hangs on %s", relation);
    ordinary = pg_bool(res, 0, "ordinary");
    *around = (struct backfill_around){ .rules = pg_text(arena, res, 0, "rules"),
                                        .keys = pg_text(arena, res, 0, "keys") };
    around->as_replica = ordinary && !around->keys && pg->replica_role;
    around->triggers = pg_text(arena, res, 0, around->as_replica ? "as_replica" : "as_origin");
    if (around->triggers)
        around->why = why_they_fire(arena, pg, around, ordinary);
    return true;
}

/* Whether the server speaks of the expression, not of a lock or of itself. */
static bool is_about_it(const struct err *err)
{
    return *err->sqlstate && !sqlstate_may_retry(err->sqlstate) &&
           !sqlstate_connection_lost(err->sqlstate) && err->code != ERR_INTERRUPTED;
}

/*
 * The planner takes a subquery to pieces unless it has a VOLATILE function.  The condition in
 * it refuses what cannot be set either, aggregates for one; that outside of it keeps it from
 * being left out.
 */
bool backfill_is_volatile(struct arena *arena, struct pg *pg, const char *role,
                          const char *search_path, const char *relation, const char *expression,
                          bool *yes, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct err said = { 0 };
    const char *message = arena_printf(
        arena,
        "BEGIN TRANSACTION READ ONLY;\nSET LOCAL lock_timeout = '200ms';\n%s%s%sSELECT "
        "pg_catalog.set_config('search_path', %s, "
        "true);\nEXPLAIN (COSTS OFF) SELECT FROM (SELECT (%s\n) AS value FROM %s WHERE (%s\n) IS "
        "NULL) AS orchestrate_asked WHERE value IS NULL;\nROLLBACK;",
        role ? "SET LOCAL ROLE " : "", role ? pg_ident(arena, role) : "", role ? ";\n" : "",
        pg_literal(arena, search_path), expression, relation, expression);

    *yes = false;
    if (!pg_script(pg, message, NULL, &res, &said)) {
        if (is_about_it(&said))
            return true;
        *err = said;
        return err_wrap(err, "asking the server about `set`");
    }
    for (int i = 0; i < PQntuples(res); i++)
        *yes = *yes || strstr(PQgetvalue(res, i, 0), "Subquery Scan on orchestrate_asked");
    return true;
}
