/*
 * A client's conversation with the server.  Every statement is measured; what
 * went wrong is remembered in shared memory, the first few with their text.
 */
#include <unistd.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/base/clock.h"
#include "traffic_client.h"

enum { DEFAULT_LIMIT_MS = 10000, RETRY_US = 100000 };

static void copy_text(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text ? text : "");
    out[strcspn(out, "\n")] = '\0';
}

static void remember_error(struct client *c, const char *sqlstate, const char *message,
                           const char *sql)
{
    struct shared *shared = c->setup->shared;
    int i = atomic_fetch_add(&shared->n_errors, 1);

    atomic_fetch_add(&c->slot->tally.errors, 1);
    if (i >= TRAFFIC_FIRST_ERRORS)
        return;
    shared->errors[i].kind = c->slot->kind;
    shared->errors[i].protocol = c->slot->protocol;
    copy_text(shared->errors[i].sqlstate, sizeof shared->errors[i].sqlstate, sqlstate);
    copy_text(shared->errors[i].message, sizeof shared->errors[i].message, message);
    copy_text(shared->errors[i].statement, sizeof shared->errors[i].statement, sql);
}

static void remember_time(struct client *c, double ms, const char *sql)
{
    int64_t us = (int64_t)(ms * 1000);
    int bucket = 0;

    for (int64_t limit = 4; us >= limit && bucket < BUCKETS - 4; limit *= 2)
        bucket += 4;
    /* `us` is now in [top, 2 top): which quarter of it? */
    if (bucket) {
        int64_t top = INT64_C(1) << (bucket / 4 + 1);

        bucket += us >= 2 * top ? 3 : (int)((us - top) * 4 / top);
    } else {
        bucket = (int)us;
    }
    atomic_fetch_add(&c->slot->tally.latency[bucket], 1);
    atomic_fetch_add(&c->slot->tally.statements, 1);
    if (us > atomic_load(&c->slot->max_us)) {
        atomic_store(&c->slot->max_us, us);
        copy_text(c->slot->slowest, sizeof c->slot->slowest, sql);
    }
}

/* The values written into the text, as drivers do that have no parameters. */
static const char *filled_in(struct client *c, const char *sql, const char *const *args)
{
    struct buf out = BUF_IN(&c->scratch);

    for (const char *at = sql; *at; at++)
        if (at[0] == '$' && at[1] >= '1' && at[1] <= '9')
            buf_add(&out, pg_literal(&c->scratch, args[*++at - '1']));
        else
            buf_addn(&out, at, 1);
    return buf_text(&out);
}

static PGresult *send_prepared(struct client *c, const struct statement *statement,
                               const char *const *args, int n)
{
    if (!c->prepared[statement->slot]) {
        CLEANUP(pg_result)
        PGresult *res = PQprepare(c->conn, statement->name, statement->sql, n, NULL);

        if (PQresultStatus(res) != PGRES_COMMAND_OK) {
            PGresult *failed = res;

            res = NULL;
            return failed;
        }
        c->prepared[statement->slot] = true;
    }
    return PQexecPrepared(c->conn, statement->name, n, args, NULL, NULL, 0);
}

PGresult *client_send(struct client *c, const struct statement *statement, const char *const *args,
                      int n)
{
    double start = clock_ms_exact();
    PGresult *res;

    if (n == 0 || c->slot->protocol == PROTOCOL_SIMPLE)
        res = PQexec(c->conn, n ? filled_in(c, statement->sql, args) : statement->sql);
    else if (c->slot->protocol == PROTOCOL_EXTENDED)
        res = PQexecParams(c->conn, statement->sql, n, NULL, args, NULL, NULL, 0);
    else
        res = send_prepared(c, statement, args, n);
    remember_time(c, clock_ms_exact() - start, statement->sql);

    if (PQresultStatus(res) == PGRES_COMMAND_OK || PQresultStatus(res) == PGRES_TUPLES_OK)
        return res;
    remember_error(c, PQresultErrorField(res, PG_DIAG_SQLSTATE),
                   PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY)
                       ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY)
                       : PQerrorMessage(c->conn),
                   statement->sql);
    PQclear(res);
    return NULL;
}

bool client_control(struct client *c, const char *word)
{
    CLEANUP(pg_result) PGresult *res = client_send(c, &(struct statement){ .sql = word }, NULL, 0);

    return res && strcmp(PQcmdStatus(res), word) == 0;
}

bool client_connect(struct client *c)
{
    static const char *const names[] = { "old code", "new code", "code of both" };
    int limit = c->setup->limit_ms ? c->setup->limit_ms : DEFAULT_LIMIT_MS;
    const char *const keys[] = { "dbname", "options", "application_name", NULL };
    const char *const values[] = {
        c->setup->url,
        arena_printf(&c->scratch, "-c TimeZone=UTC -c statement_timeout=%d", limit),
        names[c->slot->kind],
        NULL,
    };

    if (c->conn && PQstatus(c->conn) == CONNECTION_OK)
        return true;
    PQfinish(c->conn);
    memset(c->prepared, 0, sizeof c->prepared);
    c->conn = PQconnectdbParams(keys, values, 1);
    if (PQstatus(c->conn) == CONNECTION_OK)
        return true;
    remember_error(c, "08006", PQerrorMessage(c->conn), "(connecting)");
    usleep(RETRY_US);
    return false;
}
