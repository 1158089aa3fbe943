/*
 * traffic.h - application code, simulated: what writes while a schema changes.
 *
 * Clients are child processes with a connection of their own.  Code of the old
 * release knows only the old name of a column, code of the new release only the
 * new one, and some code writes both.  Every write also puts what it meant into
 * a ledger, in the same transaction; table and ledger are compared afterwards,
 * and by the clients while they run.
 *
 * These are stand-ins for applications, so they talk to libpq directly and not
 * through pg/: nothing of how we connect may help them.
 */
#ifndef ORCHESTRATE_CLUSTER_TRAFFIC_H
#define ORCHESTRATE_CLUSTER_TRAFFIC_H

#include <stdint.h>

#include "orchestrate/pg/pg.h"

enum client_kind { CLIENT_OLD, CLIENT_NEW, CLIENT_BOTH, CLIENT_KIND_COUNT };

/* Which kinds may run, or which names are to be compared. */
enum traffic_mask {
    TRAFFIC_NONE = 0,
    TRAFFIC_OLD = 1 << CLIENT_OLD,
    TRAFFIC_NEW = 1 << CLIENT_NEW,
    TRAFFIC_BOTH = 1 << CLIENT_BOTH,
    TRAFFIC_ALL = TRAFFIC_OLD | TRAFFIC_NEW | TRAFFIC_BOTH,
};

enum client_protocol {
    PROTOCOL_SIMPLE,   /* values inside the statement */
    PROTOCOL_EXTENDED, /* parameters, unnamed */
    PROTOCOL_PREPARED, /* prepared once, by name, and used ever after */
    PROTOCOL_COUNT
};

/* How values look.  Some have several texts for equal values: 1.0 and 1.00. */
enum value_kind {
    VALUE_EMAIL,
    VALUE_TEXT, /* with quotes, backslashes and letters from elsewhere */
    VALUE_INTEGER,
    VALUE_NUMERIC,
    VALUE_JSONB,
    VALUE_TIMESTAMP,
    VALUE_WIDE, /* too long for a page to hold several rows of them */
    VALUE_KIND_COUNT
};

enum preset_kind {
    PRESET_NONE,
    PRESET_FIXED,    /* immutable or stable: whoever looks in the same transaction sees the same */
    PRESET_VOLATILE, /* only the one evaluation counts */
};

/* A table with a key `id`, the column that is renamed, and a column `note`. */
struct traffic_table {
    const char *schema, *name;
    const char *from, *to; /* the column's names */
    const char *type;      /* of the column */
    enum value_kind value;
    bool not_null, unique;
    enum preset_kind preset;
    const char *preset_sql; /* NULL: no default */
    const char *more;       /* statements run once the table is there, or NULL */
    int64_t rows;
};

/* Makes the schema, the table with its rows, and the ledger beside it. */
bool traffic_create(struct pg *pg, const struct traffic_table *table, struct err *err);

struct traffic_options {
    int clients[CLIENT_KIND_COUNT]; /* of each kind; protocols take turns */
    uint64_t seed;
    int pause_us; /* mean pause between two transactions of a client */
    int limit_ms; /* a statement that takes longer is an error; 0: 10 s */
};

struct traffic; /* the children, and the memory shared with them */

/*
 * Starts the clients; none does anything before traffic_allow.  They end with
 * the thread that started them.
 */
bool traffic_start(struct arena *arena, const char *url, const struct traffic_table *table,
                   const struct traffic_options *options, struct traffic **traffic,
                   struct err *err);
void traffic_cleanup(struct traffic **traffic); /* stops them; harmless when called twice */

/*
 * From here only clients of these kinds work.  Returns when the others are
 * between two transactions.  Kinds that come back use the connections and the
 * prepared statements that they had.
 */
bool traffic_allow(struct traffic *traffic, unsigned kinds, struct err *err);

enum { TRAFFIC_FIRST_ERRORS = 8 };

struct traffic_error {
    enum client_kind kind;
    enum client_protocol protocol;
    char sqlstate[6];
    char message[200], statement[300];
};

/* What happened since the last mark. */
struct traffic_stats {
    int64_t statements, transactions, reads;
    int64_t writes;      /* committed ones */
    int64_t errors;      /* clients that died count as one each */
    int64_t wrong_reads; /* what was read was not what the ledger said, in one snapshot */
    int64_t by_kind[CLIENT_KIND_COUNT]; /* statements */
    double p50_ms, p99_ms, max_ms;      /* of statements, BEGIN and COMMIT included */
    char slowest[300];
};
void traffic_mark(struct traffic *traffic);
void traffic_read(struct traffic *traffic, struct traffic_stats *stats);

/* The first errors since the start; returns how many. */
size_t traffic_errors(const struct traffic *traffic, struct traffic_error errors[]);

/* Committed writes since the start, as the clients counted them. */
int64_t traffic_writes(const struct traffic *traffic);

const char *client_kind_name(enum client_kind kind);
const char *client_protocol_name(enum client_protocol protocol);

/* Table against ledger, in one snapshot, through each of the names in `names`. */
struct comparison {
    int64_t rows;
    int64_t writes;    /* that the ledger knows of */
    int64_t wrong;     /* rows that do not show what was meant, are missing, or are too many */
    const char *first; /* a few of them, one a line; "" when there are none */
};
bool traffic_compare(struct arena *arena, struct pg *pg, const struct traffic_table *table,
                     unsigned names, struct comparison *comparison, struct err *err);

#endif
