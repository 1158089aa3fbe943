/*
 * traffic_app.h - the application that a client plays: its statements, made
 * ready before the clients are started, and the memory that they share.
 */
#ifndef ORCHESTRATE_CLUSTER_TRAFFIC_APP_H
#define ORCHESTRATE_CLUSTER_TRAFFIC_APP_H

#include <stdatomic.h>
#include <sys/types.h>

#include "orchestrate/cluster/traffic.h"

enum { MAX_CLIENTS = 32, MAX_ARGS = 4 };

/* What a statement is given for $1, $2, ... */
enum arg {
    ARG_END,
    ARG_KEY,     /* of a row that is likely to exist */
    ARG_ANY_KEY, /* the same, or one that is new */
    ARG_VALUE,   /* what is meant */
    ARG_JUNK,    /* another value, that must not survive */
    ARG_READ,    /* what the client has read just before */
    ARG_NOTE,
};

/* What the row has to show under every name once the statement is committed. */
enum expect {
    EXPECT_VALUE,
    EXPECT_NULL,
    EXPECT_PRESET, /* the default */
    EXPECT_READ,
    EXPECT_SAME, /* what it showed before */
    EXPECT_GONE,
    EXPECT_MATCH, /* a read that answers whether it agrees with the ledger */
    EXPECT_COUNT
};

/* Reads the row before it writes, as object-relational mappers do. */
enum look { LOOK_NOT, LOOK_FREE, LOOK_LOCKED };

/* What the table must be like for the statement to be right. */
enum need {
    NEED_NULL = 1 << 0,     /* the column may be NULL */
    NEED_OMIT = 1 << 1,     /* it may be left out */
    NEED_STEADY = 1 << 2,   /* its default is not volatile */
    NEED_UNIQUE = 1 << 3,   /* it is unique */
    NEED_FREE = 1 << 4,     /* it is not */
    NEED_DISTINCT = 1 << 5, /* no two values are ever the same */
    NEED_KEY = 1 << 6,      /* there is a key that an upsert can name */
};

struct op {
    const char *name;
    unsigned kinds; /* enum traffic_mask */
    int weight;
    unsigned needs;
    enum look look;
    enum expect expect;
    const char
        *sql; /* {t} table, {k} key, {c} the name that the client knows, {o} {n} old and new */
    enum arg args[MAX_ARGS];
};

extern const struct op traffic_ops[]; /* ends with a NULL name */

/* One statement of an application, ready to be sent. */
struct statement {
    const char *name; /* of the prepared statement */
    const char *sql;
    int slot; /* index into what a client remembers of it */
};

struct app {
    enum client_kind kind;
    struct work {
        const struct op *op;
        struct statement statement;
    } * works;
    size_t n_works;
    int weight; /* of all works */
    struct statement look, look_locked;
    struct statement ledger[EXPECT_COUNT];
    int n_statements;
};

/* Renders what a kind of client will send to this table. */
void app_make(struct arena *arena, const struct traffic_table *table, enum client_kind kind,
              struct app *app);

/* {x} in `text` for this table and kind, as struct op says; also {l} the ledger, {y} type, {d}
 * default. */
const char *app_render(struct arena *arena, const struct traffic_table *table,
                       enum client_kind kind, const char *text);

/* The n-th value of this kind, as text. */
void value_text(enum value_kind kind, uint64_t n, char *out, size_t size);
bool value_distinct(enum value_kind kind);   /* no two of them are equal */
const char *value_sql(enum value_kind kind); /* an expression of g, for the first rows */

/* Statement latencies: four buckets an octave, from a microsecond on. */
enum { BUCKETS = 112 };

struct tally {
    _Atomic int64_t statements, transactions, reads, writes, errors, wrong_reads;
    _Atomic int64_t latency[BUCKETS];
};

struct slot {
    pid_t pid;
    enum client_kind kind;
    enum client_protocol protocol;
    atomic_bool busy; /* inside a transaction */
    struct tally tally;
    _Atomic int64_t max_us;
    char slowest[300];
};

struct shared {
    atomic_uint allowed;
    atomic_bool stop;
    atomic_int n_errors;
    struct traffic_error errors[TRAFFIC_FIRST_ERRORS];
    struct slot slots[MAX_CLIENTS];
};

struct client_setup {
    const char *url;
    const struct traffic_table *table;
    const struct app *app;
    struct shared *shared;
    int index; /* of the slot */
    uint64_t seed;
    int pause_us, limit_ms;
};

/* The life of a client, in its own process. */
_Noreturn void client_main(const struct client_setup *setup);

#endif
