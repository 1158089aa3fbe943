/*
 * A step that only reads: it holds when its query returns no row.
 */
#include <string.h>

#include "orchestrate/base/clock.h"
#include "orchestrate/base/text.h"
#include "watch.h"

/* Nobody waits behind a reader who waits; it is long enough to find out for whom. */
enum { LOCK_MS = 4000 };
enum { MOST_ROWS = 3, MOST_TEXT = 200 };

static void add_value(struct buf *out, const PGresult *res, int row, int column)
{
    const char *value = PQgetvalue(res, row, column);
    size_t n = strlen(value);

    if (PQgetisnull(res, row, column)) {
        buf_add(out, "NULL");
        return;
    }
    if (n <= MOST_TEXT) {
        buf_add(out, value);
        return;
    }
    for (n = MOST_TEXT; (value[n] & 0xc0) == 0x80; n--) /* not in the middle of a letter */
        ;
    buf_addn(out, value, n);
    buf_add(out, "...");
}

/* "orphan = x, id = 7; orphan = y, id = 8": what was found, as far as it fits. */
static const char *evidence(struct arena *arena, const PGresult *res)
{
    struct buf out = BUF_IN(arena);

    for (int row = 0; row < PQntuples(res) && row < MOST_ROWS; row++)
        for (int column = 0; column < PQnfields(res); column++) {
            buf_addf(&out, "%s%s = ", column ? ", " : row ? "; " : "", PQfname(res, column));
            add_value(&out, res, row, column);
        }
    return buf_text(&out);
}

/*
 * As whoever the step says, with the plan's search_path when the words are the plan's.
 * Rows that a policy hides are an error: what it says would hold for the others only.
 * Rolled back in any case: a query can set things, too.
 */
static bool ask(struct step_work *sw, PGresult **res, struct err *err)
{
    CLEANUP(pg_tx) struct pg_tx tx = { 0 };
    struct work *w = sw->work;
    struct buf out = BUF_IN(w->arena);

    buf_addf(&out,
             "SET TRANSACTION READ ONLY;\nSET LOCAL row_security = off;\n"
             "SET LOCAL statement_timeout = %lld;\nSET LOCAL lock_timeout = %d;\n",
             (long long)w->run->settings.statement_timeout, LOCK_MS);
    if (sw->step->role)
        buf_addf(&out, "SET LOCAL ROLE %s;\n", pg_ident(w->arena, sw->step->role));
    if (sw->step->custom)
        buf_addf(&out, "SELECT pg_catalog.set_config('search_path', %s, true);\n",
                 pg_literal(w->arena, w->run->search_path));
    if (!pg_begin(w->pg, &tx, err) || !pg_script(w->pg, buf_text(&out), NULL, NULL, err))
        return false;
    if (sw->step->done) {
        CLEANUP(pg_result) PGresult *done = NULL;

        if (!pg_query(w->pg, &done, sw->step->done, PG_NO_ARGS, err))
            return err_wrap(err, "asking whether there is anything to check");
        if (PQntuples(done) > 0 && *PQgetvalue(done, 0, 0) == 't')
            return true;
    }
    return pg_query(w->pg, res, sw->step->sql, PG_NO_ARGS, err);
}

/* Who is waited for is told meanwhile. */
static bool ask_watched(struct step_work *sw, PGresult **res, struct err *err)
{
    struct watch watch;
    bool ok;

    sw->work->pg->cancel_on_first = true;
    watch_begin(&watch, sw);
    ok = ask(sw, res, err);
    watch_end(&watch);
    sw->work->pg->cancel_on_first = false;
    return ok;
}

bool step_check(struct step_work *sw, struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;
    struct work *w = sw->work;
    int64_t began = clock_ms();
    bool ok;

    for (sw->tries = 1; !(ok = ask_watched(sw, &res, err)); sw->tries++) {
        if (!sqlstate_is_lock_timeout(err->sqlstate) || !work_wait_again(sw, began, err))
            break;
        if (w->stopped)
            return true;
    }
    if (!ok && err->position) {
        err->statement = 1;
        return err_wrap(err, "the check%s",
                        text_line_column(w->arena, sw->step->sql, err->position));
    }
    if (!ok && !sw->step->custom && strcmp(err->sqlstate, "42501") == 0 && !*err->hint)
        err_hint(err,
                 "Nothing can be said of rows that %s may not see. Let it see all of them (GRANT "
                 "SELECT ON the table, and USAGE ON its schema): the same command goes on from "
                 "here.",
                 sw->step->role ? sw->step->role : "this role");
    if (!ok || (sw->step->custom && !store_keep(w->pg, w->run, err)))
        return false;
    if (res && PQntuples(res) > 0) {
        /* There may be more than a LIMIT lets through. */
        err_set(err, ERR_FAILED, "the check does not hold: the query returned %d row(s), e.g. %s",
                PQntuples(res), evidence(w->arena, res));
        return err_hint(err, "Mend the data, then try again: the same command goes on from here.");
    }
    buf_add(&sw->before.sql, buf_text(&sw->after.sql));
    sw->after.sql = sw->before.sql;
    return moves_commit(&sw->after, err);
}
