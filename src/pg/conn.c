#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "orchestrate/base/clock.h"
#include "orchestrate/base/log.h"
#include "orchestrate/base/text.h"
#include "orchestrate/pg/pg.h"
#include "sql_pg.h"

enum { CONNECT_MS = 10000, TIMEOUT_14 = 140000, PARAMETER_PRIVILEGES = 150000 };

/* What is said of a connection that did not come about, without its password. */
static bool refused(struct arena *arena, PGconn *conn, const char *url, struct err *err)
{
    const char *text = pg_redact(arena, PQerrorMessage(conn), url);
    size_t len = strlen(text);

    while (len && text[len - 1] == '\n')
        len--;
    if (PQconnectionNeedsPassword(conn)) {
        err_set(err, ERR_CONSENT, "%.*s", (int)len, text);
        return err_hint(err, "Give the password in the URL, in PGPASSWORD or in ~/.pgpass.");
    }
    err_set(err, ERR_UNREACHABLE, "cannot connect: %.*s", (int)len, text);
    return err_hint(err,
                    "Check host, port, user and database; the same command can be tried again.");
}

/* PQconnectPoll beside the signal pipe, so that ctrl-C ends a connection attempt that hangs. */
static bool connect_loop(PGconn *conn, struct err *err)
{
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;
    int64_t end = clock_ms() + CONNECT_MS;

    while (PQstatus(conn) != CONNECTION_BAD) {
        struct pollfd fds[] = {
            { .fd = PQsocket(conn), .events = want == PGRES_POLLING_READING ? POLLIN : POLLOUT },
            { .fd = clock_signal_fd(), .events = POLLIN },
        };

        if (want == PGRES_POLLING_OK)
            return true;
        if (want == PGRES_POLLING_FAILED)
            break;
        if (clock_signal()) {
            err_set(err, ERR_INTERRUPTED, "stopped while connecting");
            return err->signal = clock_signal(), false;
        }
        if (clock_ms() > end)
            return err_set(err, ERR_UNREACHABLE, "cannot connect: no answer within %d s",
                           CONNECT_MS / 1000);
        if (poll(fds, fds[1].fd >= 0 ? 2 : 1, 250) > 0 && fds[0].revents)
            want = PQconnectPoll(conn);
    }
    err->code = ERR_NONE; /* the caller asks libpq for the reason */
    return false;
}

static int backend_of(PGconn *conn, const char *sql)
{
    CLEANUP(pg_result) PGresult *res = PQexec(conn, sql);

    return PQresultStatus(res) == PGRES_TUPLES_OK ? atoi(PQgetvalue(res, 0, 0)) : 0;
}

/*
 * A pooler is in between.  One that gives each client a session of its own is
 * fine; one that hands sessions out by the transaction is not: then a second
 * client, in a transaction, sits in the session that we have just used, or ours
 * changes while it does.
 */
static bool session_is_shared(PGconn *conn, const char *const *keys, const char *const *values)
{
    static const char pid[] = "SELECT pg_catalog.pg_backend_pid()";
    PGconn *other = PQconnectdbParams(keys, values, 1);
    bool shared = PQstatus(other) != CONNECTION_OK; /* when in doubt */

    for (int i = 0; i < 3 && !shared; i++) {
        int before = backend_of(conn, pid), theirs;

        PQclear(PQexec(other, "BEGIN"));
        theirs = backend_of(other, pid);
        shared = theirs == before || backend_of(conn, pid) != before;
        PQclear(PQexec(other, "ROLLBACK"));
    }
    PQfinish(other);
    return shared;
}

static bool identify(struct arena *arena, struct pg *pg, bool read_only, bool *foreign_pid,
                     struct err *err)
{
    CLEANUP(pg_result) PGresult *res = NULL;

    if (!pg_query(pg, &res, sql_identify, PG_NO_ARGS, err))
        return false;
    pg->version = (int)pg_int(res, 0, "version");
    pg->role = pg_text(arena, res, 0, "role");
    pg->database = pg_text(arena, res, 0, "database");
    pg->search_path = pg_text(arena, res, 0, "search_path");
    pg->superuser = pg_bool(res, 0, "superuser");
    pg->system_known = pg_bool(res, 0, "may_ask_system");
    pg->in_recovery = pg_bool(res, 0, "in_recovery");
    if (pg->version < 130000) {
        err_set(err, ERR_CONFIG, "this server is PostgreSQL %d; 13 or newer is needed",
                pg->version / 10000);
        return false;
    }
    pg->pid = (int)pg_int(res, 0, "pid");
    *foreign_pid = pg->pid != PQbackendPID(pg->conn);
    if (read_only)
        return true;
    if (pg->in_recovery) {
        err_set(err, ERR_CONFIG, "this server is a standby");
        return err_hint(err, "Give the connection of the primary.");
    }
    if (strcmp(pg_text(arena, res, 0, "read_only"), "on") == 0) {
        err_set(err, ERR_CONFIG, "this connection is read-only (default_transaction_read_only)");
        return err_hint(err, "Use a role or a database whose transactions may write.");
    }
    return true;
}

static bool pin(struct pg *pg, struct err *err)
{
    CLEANUP(pg_result) PGresult *pinned = NULL;
    char version[16];

    snprintf(version, sizeof version, "%d", pg->version);
    return pg_query(pg, &pinned, sql_session, PG_ARGS(version), err);
}

bool pg_pin(struct pg *pg, struct err *err)
{
    return pg_script(pg, "SET SESSION AUTHORIZATION DEFAULT;\nSET ROLE NONE;\nRESET ALL;", NULL,
                     NULL, err) &&
           pin(pg, err);
}

static bool look_around(struct arena *arena, struct pg *pg, struct err *err)
{
    CLEANUP(pg_result) PGresult *system = NULL, *rights = NULL;

    if (!pin(pg, err))
        return false;
    pg->system_id = "";
    pg->timeline = "";
    if (pg->system_known) {
        if (!pg_query(pg, &system, sql_system, PG_NO_ARGS, err))
            return false;
        pg->system_id = pg_text(arena, system, 0, "system_id");
        pg->timeline = pg_text(arena, system, 0, "timeline");
    }
    pg->replica_role = pg->superuser;
    if (pg->version >= PARAMETER_PRIVILEGES) {
        if (!pg_query(pg, &rights, sql_privileges, PG_NO_ARGS, err))
            return false;
        pg->replica_role = pg_bool(rights, 0, "replica_role");
    }
    return true;
}

bool pg_connect(struct arena *arena, const char *url, const char *application, bool read_only,
                struct pg *pg, struct err *err)
{
    const char *conninfo = NULL;
    bool pooler = false, foreign_pid = false;

    *pg = (struct pg){ .url = url, .application = application, .read_only = read_only };
    if (url && !pg_url_translate(arena, url, &conninfo, &pooler, err))
        return false;

    const char *const keys[] = { "dbname",
                                 "application_name",
                                 "client_encoding",
                                 "keepalives_idle",
                                 "keepalives_interval",
                                 "keepalives_count",
                                 NULL };
    const char *const values[] = { conninfo, application, "UTF8", "10", "5", "3", NULL };

    pg->conn = PQconnectStartParams(keys, values, 1);
    if (!pg->conn)
        return err_set(err, ERR_BUG, "libpq gave no connection");
    if (!connect_loop(pg->conn, err))
        return err->code ? false : refused(arena, pg->conn, url, err);
    /* Notices are part of no answer; those that matter come back as errors. */
    PQsetErrorVerbosity(pg->conn, PQERRORS_DEFAULT);
    PQsetNoticeProcessor(pg->conn, pg_notice, NULL);
    if (!identify(arena, pg, read_only, &foreign_pid, err))
        return false;
    if (pooler || (foreign_pid && session_is_shared(pg->conn, keys, values))) {
        err_set(err, ERR_CONFIG, "this connection goes through a transaction pooler");
        return err_hint(err, "Give the direct connection (for PgBouncer: a database with "
                             "pool_mode=session; for Supabase: port 5432 instead of 6543).");
    }
    return look_around(arena, pg, err);
}

bool pg_reconnect(struct arena *arena, struct pg *pg, struct err *err)
{
    struct pg fresh;

    if (!pg_connect(arena, pg->url, pg->application, false, &fresh, err)) {
        pg_cleanup(&fresh);
        return false;
    }
    fresh.deadline = pg->deadline;
    pg_cleanup(pg);
    *pg = fresh;
    return true;
}

void pg_notice(void *context, const char *message)
{
    size_t len = strlen(message);

    (void)context;
    log_verbose("server: %.*s", (int)(len && message[len - 1] == '\n' ? len - 1 : len), message);
}

void pg_cleanup(struct pg *pg)
{
    if (pg->conn)
        PQfinish(pg->conn);
    pg->conn = NULL;
}

bool pg_lost(const struct pg *pg)
{
    return PQstatus(pg->conn) == CONNECTION_BAD;
}
