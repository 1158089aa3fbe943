/*
 * What a SQLSTATE means for us.  Server message texts are translated and
 * change between versions; nothing here or elsewhere looks at them.
 */
#include <string.h>

#include "orchestrate/pg/pg.h"

static const struct {
    const char *prefix; /* a whole code, or its class */
    enum err_code code;
} rows[] = {
    { "OR001", ERR_BUSY },        /* another process took the run over */
    { "OR004", ERR_CONFLICT },    /* another plan claims the table */
    { "OR005", ERR_CONSENT },     /* this role may not approve */
    { "OR010", ERR_CHECK },       /* a re-check under the lock found a changed database */
    { "OR", ERR_CHECK },          /* our own guards: append-only, illegal move */
    { "42501", ERR_CONSENT },     /* insufficient privilege */
    { "28", ERR_CONSENT },        /* authentication */
    { "25006", ERR_CONFIG },      /* read-only */
    { "55P03", ERR_BUSY },        /* lock not available */
    { "40", ERR_BUSY },           /* deadlock, serialization failure */
    { "08P01", ERR_BUG },         /* we spoke the protocol wrongly */
    { "08", ERR_UNREACHABLE },    /* connection */
    { "57P", ERR_UNREACHABLE },   /* shut down, crashed, starting up */
    { "53300", ERR_UNREACHABLE }, /* too many connections */
    { "42601", ERR_BUG },         /* syntax: everything we send was rendered by us */
};

enum err_code sqlstate_code(const char *sqlstate)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (*sqlstate && strncmp(sqlstate, rows[i].prefix, strlen(rows[i].prefix)) == 0)
            return rows[i].code;
    return ERR_FAILED;
}

bool sqlstate_is_lock_timeout(const char *sqlstate)
{
    return strcmp(sqlstate, "55P03") == 0;
}

bool sqlstate_may_retry(const char *sqlstate)
{
    return sqlstate_is_lock_timeout(sqlstate) || strncmp(sqlstate, "40", 2) == 0;
}

bool sqlstate_connection_lost(const char *sqlstate)
{
    return strncmp(sqlstate, "08", 2) == 0 || strncmp(sqlstate, "57P", 3) == 0;
}

static const char hidden_rows[] =
    "Row level security hides rows of that table from the role that asks, so what is left would "
    "not be all. Let a role do it that sees them: one with BYPASSRLS, or the owner where they are "
    "not hidden from him, too (ALTER TABLE ... NO FORCE ROW LEVEL SECURITY); a phase of a plan's "
    "own says which by `role`. If it is a trigger's function that reads it: ALTER FUNCTION ... SET "
    "row_security = on. Then try again.";

/*
 * It shares its SQLSTATE with a missing grant.  The name of the server's function is not
 * translated.
 */
static bool is_hidden_rows(const char *sqlstate, const char *routine)
{
    return sqlstate && routine && strcmp(sqlstate, "42501") == 0 &&
           strcmp(routine, "check_enable_rls") == 0;
}

/*
 * The word is not translated, unlike the text around it.  DETAIL, which is part of the
 * message, lists what depends on the thing.
 */
const char *sqlstate_hint(const char *sqlstate, const char *routine, const char *hint)
{
    if (is_hidden_rows(sqlstate, routine))
        return hidden_rows;
    if (!hint && sqlstate && sqlstate_is_lock_timeout(sqlstate))
        return "Another session holds what this waits for (see pg_locks). What was under way was "
               "rolled back: try again.";
    if (!hint || !strstr(hint, "CASCADE"))
        return hint;
    return strcmp(sqlstate, "2BP01") == 0
               ? "Drop what depends on it, or make it use something that stays; then the same "
                 "command again."
               : "Let the statement name whatever else it shall touch.";
}
