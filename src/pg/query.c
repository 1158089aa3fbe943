#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "orchestrate/base/clock.h"
#include "orchestrate/base/log.h"
#include "orchestrate/base/text.h"
#include "orchestrate/pg/pg.h"

#define LOST_HINT                                                                                  \
    "Nothing is half done: the same command again finds out how far it came and continues."

void pg_result_cleanup(PGresult **res)
{
    PQclear(*res);
    *res = NULL;
}

/* Asks the server to stop the statement under way; the answer comes through the connection. */
static void cancel(struct pg *pg)
{
    char why[256];
    PGcancel *request = PQgetCancel(pg->conn);

    pg->cancelled = true;
    pg->signals_seen = clock_signal_count();
    pg->deadline_seen = pg->deadline;
    if (request)
        PQcancel(request, why, sizeof why);
    PQfreeCancel(request);
}

/*
 * A signal, or the deadline, cancels one statement: what comes after it (giving
 * a lock back, keeping a cursor) is meant to succeed.
 */
static bool wants_cancel(const struct pg *pg)
{
    if (pg->deadline && pg->deadline != pg->deadline_seen && clock_ms() > pg->deadline)
        return true;
    return clock_signal_count() >= (pg->cancel_on_first ? 1 : 2) &&
           clock_signal_count() > pg->signals_seen;
}

static void drain_signals(void)
{
    char bytes[16];

    while (clock_signal_fd() >= 0 && read(clock_signal_fd(), bytes, sizeof bytes) > 0)
        continue;
}

/* Waits until PQgetResult will not block.  A broken connection ends the wait, too. */
static void wait_ready(struct pg *pg, bool may_cancel)
{
    while (PQisBusy(pg->conn)) {
        struct pollfd fds[] = {
            { .fd = PQsocket(pg->conn), .events = POLLIN },
            { .fd = clock_signal_fd(), .events = POLLIN },
        };
        int timeout = 1000, ready;

        if (PQflush(pg->conn) == 1)
            fds[0].events |= POLLOUT;
        if (may_cancel && !pg->cancelled && wants_cancel(pg))
            cancel(pg);
        if (pg->deadline && pg->deadline != pg->deadline_seen &&
            pg->deadline - clock_ms() < timeout)
            timeout = (int)(pg->deadline > clock_ms() ? pg->deadline - clock_ms() + 1 : 1);
        ready = poll(fds, fds[1].fd >= 0 ? 2 : 1, timeout);
        if (ready < 0 && errno != EINTR)
            return;
        if (ready == 0 && pg->idle)
            pg->idle(pg->idle_context);
        if (fds[1].revents)
            drain_signals();
        if (fds[0].revents && !PQconsumeInput(pg->conn))
            return;
    }
}

/* One line: message, then detail; the server's hint becomes ours. */
static bool failed(struct pg *pg, const PGresult *res, struct err *err)
{
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    const char *message = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *detail = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL) : NULL;
    const char *routine = res ? PQresultErrorField(res, PG_DIAG_SOURCE_FUNCTION) : NULL;
    const char *hint =
        sqlstate_hint(state, routine, res ? PQresultErrorField(res, PG_DIAG_MESSAGE_HINT) : NULL);
    const char *position = res ? PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION) : NULL;

    if (!state || pg_lost(pg)) {
        err_set(err, ERR_UNREACHABLE, "the connection to the server was lost%s%s",
                message ? ": " : "", message ? message : "");
        return err_hint(err, LOST_HINT);
    }
    err_set(err, sqlstate_code(state), "%s%s%s", message ? message : "the server gave no reason",
            detail ? ": " : "", detail ? detail : "");
    memcpy(err->sqlstate, state, 5);
    err->position = position ? (int)strtol(position, NULL, 10) : 0;
    if (hint)
        err_hint(err, "%s", hint);
    if (sqlstate_connection_lost(state))
        err_hint(err, LOST_HINT);
    if (strcmp(state, "57014") == 0 && pg->cancelled) {
        err->code = ERR_INTERRUPTED;
        err->signal = clock_signal(); /* 0: the deadline, see pg.h */
        if (err->signal) {            /* the server's words are about a user */
            snprintf(err->text, sizeof err->text, "stopped by a signal, and the statement with it");
            err_hint(err, "The same command carries on.");
        }
    }
    return false;
}

static bool is_error(const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);

    return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY;
}

/* Takes all results of what was sent; keeps the first error, or the last rows. */
static bool collect(struct pg *pg, bool may_cancel, bool *committed, PGresult **last,
                    struct err *err)
{
    bool ok = true;

    pg->cancelled = false;
    for (;;) {
        CLEANUP(pg_result) PGresult *res = NULL;

        wait_ready(pg, may_cancel);
        res = PQgetResult(pg->conn);
        if (!res)
            break;
        if (PQresultStatus(res) == PGRES_COPY_IN || PQresultStatus(res) == PGRES_COPY_OUT)
            return err_set(err, ERR_BUG, "COPY is not possible here");
        if (ok && is_error(res))
            ok = failed(pg, res, err);
        if (ok && strcmp(PQcmdStatus(res), "COMMIT") == 0)
            *committed = true;
        if (text_starts(PQcmdStatus(res), "UPDATE"))
            pg->updated = strtoll(PQcmdTuples(res), NULL, 10);
        if (PQntuples(res) == 1 && PQfnumber(res, PG_UPDATED) == 0) {
            pg->updated = strtoll(PQgetvalue(res, 0, 0), NULL, 10);
            continue;
        }
        if (last && PQresultStatus(res) == PGRES_TUPLES_OK) {
            pg_result_cleanup(last);
            *last = res;
            res = NULL;
        }
    }
    if (ok && pg_lost(pg))
        ok = failed(pg, NULL, err);
    return ok;
}

bool pg_query(struct pg *pg, PGresult **res, const char *sql, const char *const *args,
              size_t n_args, struct err *err)
{
    bool committed = false;
    CLEANUP(pg_result) PGresult *last = NULL;

    log_sql(sql);
    if (!PQsendQueryParams(pg->conn, sql, (int)n_args, NULL, args, NULL, NULL, 0))
        return failed(pg, NULL, err);
    if (!collect(pg, true, &committed, &last, err))
        return false;
    if (res) {
        *res = last;
        last = NULL;
    }
    return true;
}

bool pg_run(struct pg *pg, const char *sql, const char *const *args, size_t n_args, struct err *err)
{
    return pg_query(pg, NULL, sql, args, n_args, err);
}

/* Leaves no transaction open behind a failed statement. */
static void roll_back(struct pg *pg)
{
    struct err ignored;
    bool committed = false;
    PGTransactionStatusType status = PQtransactionStatus(pg->conn);

    if ((status == PQTRANS_INERROR || status == PQTRANS_INTRANS) &&
        PQsendQuery(pg->conn, "ROLLBACK"))
        collect(pg, false, &committed, NULL, &ignored);
}

bool pg_send(struct pg *pg, const char *sql, struct err *err)
{
    pg->updated = 0;
    log_sql(sql);
    return PQsendQuery(pg->conn, sql) || failed(pg, NULL, err);
}

bool pg_answer(struct pg *pg, bool *committed, PGresult **last, struct err *err)
{
    bool seen = false;

    if (!collect(pg, true, &seen, last, err)) {
        roll_back(pg);
        return false;
    }
    if (committed)
        *committed = seen;
    if (committed && !seen) {
        roll_back(pg);
        return err_set(err, ERR_FAILED, "the transaction was rolled back by the server");
    }
    return true;
}

bool pg_script(struct pg *pg, const char *sql, bool *committed, PGresult **last, struct err *err)
{
    return pg_send(pg, sql, err) && pg_answer(pg, committed, last, err);
}

bool pg_begin(struct pg *pg, struct pg_tx *tx, struct err *err)
{
    if (!pg_run(pg, "BEGIN", PG_NO_ARGS, err))
        return false;
    tx->pg = pg;
    return true;
}

bool pg_commit(struct pg_tx *tx, struct err *err)
{
    struct pg *pg = tx->pg;
    bool committed = false;

    log_sql("COMMIT");
    tx->pg = NULL;
    if (!PQsendQuery(pg->conn, "COMMIT"))
        return failed(pg, NULL, err);
    if (!collect(pg, false, &committed, NULL, err))
        return false;
    /* The COMMIT of a failed transaction succeeds, with the tag ROLLBACK. */
    return committed || err_set(err, ERR_FAILED, "the transaction was rolled back by the server");
}

void pg_tx_cleanup(struct pg_tx *tx)
{
    if (tx->pg)
        roll_back(tx->pg);
    tx->pg = NULL;
}
