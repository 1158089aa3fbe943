/*
 * pg.h - the one door to libpq.
 *
 * Every call waits asynchronously beside the signal pipe of base/clock.h: a
 * statement that is under way can be cancelled, a COMMIT never is (a cancel
 * during a synchronous-replication wait would turn into a commit that only
 * this server knows).
 */
#ifndef ORCHESTRATE_PG_PG_H
#define ORCHESTRATE_PG_PG_H

#include <libpq-fe.h>
#include <stdint.h>

#include "orchestrate/base/arena.h"
#include "orchestrate/base/err.h"

/* No column that anybody else asks for is called so: its query gives no rows to the caller. */
#define PG_UPDATED "orchestrate_updated"

struct pg {
    PGconn *conn;
    int version;      /* 150018 */
    const char *role; /* session_user */
    const char *database;
    const char *search_path;       /* as the server gave it, before it was pinned */
    const char *system_id;         /* "" when it may not be read */
    bool system_known;             /* it may */
    const char *timeline;          /* of the WAL, another one after a failover; "" like system_id */
    int pid;                       /* of the backend */
    const char *url, *application; /* as given to pg_connect */
    bool superuser;
    bool read_only;    /* as it was asked for: nothing will be written */
    bool replica_role; /* session_replication_role may be set */
    bool in_recovery;
    bool
        cancel_on_first; /* the first signal cancels the statement under way, not just the second */
    int64_t deadline;    /* clock_ms() at which the statement under way is cancelled; 0: never.
                            The error is then ERR_INTERRUPTED with signal 0. */
    int64_t updated;     /* rows that the last UPDATE of the last message wrote; one that is in a
                            WITH is counted by its query, in a first column PG_UPDATED */
    void (*idle)(void *context); /* called about once a second while a statement runs; NULL: not */
    void *idle_context;
    /* Of the cancelling itself. */
    bool cancelled; /* the statement under way was */
    int signals_seen;
    int64_t deadline_seen;
};

void pg_result_cleanup(PGresult **res);
void pg_cleanup(struct pg *pg);                     /* closes */
void pg_notice(void *context, const char *message); /* to the log, with -v */

/*
 * Connects, pins the session (search_path, TimeZone, time-outs: see
 * src/sql/pg/session.sql) and refuses transaction poolers, hot standbys and
 * read-only servers unless `read_only` is wanted.
 *
 * url: a URL, a conninfo string, or NULL for plain libpq (PG* variables).
 * application: what pg_stat_activity shows, e.g. "orchestrate/plan/phase".
 * Errors: ERR_USAGE (malformed), ERR_UNREACHABLE, ERR_CONFIG (pooler, standby),
 * ERR_CONSENT (authentication).  No message contains a password.
 */
bool pg_connect(struct arena *arena, const char *url, const char *application, bool read_only,
                struct pg *pg, struct err *err);

/*
 * The same connection once more, after it was lost.  On false *pg is as it was.
 */
bool pg_reconnect(struct arena *arena, struct pg *pg, struct err *err);

/*
 * Translates what ORMs put into URLs to what libpq accepts; *pooler is true
 * when the URL itself says so (pgbouncer=true).  Pure.
 */
bool pg_url_translate(struct arena *arena, const char *url, const char **conninfo, bool *pooler,
                      struct err *err);

/*
 * The session as pg_connect made it, whatever somebody's own SQL has set since: role,
 * search_path, time-outs.  In a transaction it is part of that.
 */
bool pg_pin(struct pg *pg, struct err *err);

/* The text without any password that `url` contains. */
const char *pg_redact(struct arena *arena, const char *text, const char *url);

/* Arguments are text; NULL is NULL. */
#define PG_ARGS(...)                                                                               \
    (const char *const[]){ __VA_ARGS__ },                                                          \
        sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *)
#define PG_NO_ARGS NULL, 0

/* One statement, extended protocol.  *res is what it returned. */
bool pg_query(struct pg *pg, PGresult **res, const char *sql, const char *const *args,
              size_t n_args, struct err *err);

/* The same when only success matters. */
bool pg_run(struct pg *pg, const char *sql, const char *const *args, size_t n_args,
            struct err *err);

/*
 * Several statements in one message.  Returns when all ran or the first one
 * failed; then, when a transaction is left open, it has been rolled back.
 * *committed: a statement answered with the tag COMMIT.  *last: the last result
 * that had columns, or NULL; pass NULL when not wanted.
 * A COMMIT that answers ROLLBACK is a failure.
 */
bool pg_script(struct pg *pg, const char *sql, bool *committed, PGresult **last, struct err *err);

/*
 * The two halves of pg_script, for statements that run on several connections at
 * once: each message that was sent must be answered before the connection is used
 * for anything else.
 */
bool pg_send(struct pg *pg, const char *sql, struct err *err);
bool pg_answer(struct pg *pg, bool *committed, PGresult **last, struct err *err);

/*
 * A transaction as a local: CLEANUP(pg_tx) struct pg_tx tx = { 0 }; rolls back
 * unless pg_commit succeeded.
 */
struct pg_tx {
    struct pg *pg;
};
bool pg_begin(struct pg *pg, struct pg_tx *tx, struct err *err);
bool pg_commit(struct pg_tx *tx, struct err *err);
void pg_tx_cleanup(struct pg_tx *tx);

/* Rows as text in the arena; NULL for NULL. */
const char *pg_text(struct arena *arena, const PGresult *res, int row, const char *column);
bool pg_bool(const PGresult *res, int row, const char *column);
int64_t pg_int(const PGresult *res, int row, const char *column);
double pg_float(const PGresult *res, int row, const char *column);

/* Quoted for SQL. */
const char *pg_ident(struct arena *arena, const char *name);
const char *pg_literal(struct arena *arena, const char *value); /* NULL: NULL */

/* SQLSTATE classes that somebody has to decide about. */
bool sqlstate_is_lock_timeout(const char *sqlstate); /* 55P03 */
bool sqlstate_may_retry(const char *sqlstate);       /* 55P03 40P01 40001: nothing happened */
bool sqlstate_connection_lost(const char *sqlstate); /* 08xxx 57P0x, "" after a broken socket */
enum err_code sqlstate_code(const char *sqlstate);
/*
 * The server's hint; ours where it advises CASCADE, or has none for a lock, or where
 * row level security hides rows, which `routine` of the server tells.  NULL: there is none.
 */
const char *sqlstate_hint(const char *sqlstate, const char *routine, const char *hint);

/* The connection is unusable: the server went away. */
bool pg_lost(const struct pg *pg);

#endif
