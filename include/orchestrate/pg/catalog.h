/*
 * catalog.h - what the database says about the tables that a plan names.
 *
 * A snapshot, read once by operation-specific queries; from then on plain
 * data, so that compiling needs no connection.
 */
#ifndef ORCHESTRATE_PG_CATALOG_H
#define ORCHESTRATE_PG_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "orchestrate/base/arena.h"
#include "orchestrate/base/err.h"

struct pg;

/*
 * One fact, named as the template variable that it becomes.  item 0: a plain
 * value; item 1, 2, ...: a member of a list ("index.name", "index.definition").
 */
struct fact_row {
    const char *name;
    int item;
    const char *value; /* "" for SQL NULL */
};

/* A reason to refuse, or something to know. */
enum finding_level { FINDING_REFUSE, FINDING_WARN };

struct finding {
    enum finding_level level;
    const char *code;    /* "partition-key": stable, stands in `accept:` */
    const char *message; /* says what, and where */
    const char *hint;    /* says what to do; may be "" */
    bool acceptable;     /* a plan may accept it by name */
    size_t phase, step; /* of a plan's own phases, from 1: whose step may accept it, too; 0: none */
    const char *field;  /* of the change, that it is about; NULL: the change as a whole */
    struct src_pos at;  /* of a plan's own phases: where in the file; line 0: not known */
};

struct catalog {
    bool known; /* false: no database was asked; facts are missing */
    uint32_t relid;
    struct fact_row *facts;
    size_t n_facts;
    struct finding *findings;
    size_t n_findings;
};

/*
 * What is to be looked at: an operation's queries and what its plan says.
 *
 * `tries` asks whether the server takes an expression of the plan where it will stand.
 * Each row is a `statement` that is sent as `role` in a transaction that only reads, and
 * that only plans something (EXPLAIN): nothing is executed, and no lock is stronger than
 * ACCESS SHARE.  An error is a refusal "expression": `what` is the case, and the server's
 * words.  So is any answer but `answer`, if that is not NULL; then `otherwise` says why.
 */
struct catalog_query {
    const char *facts, *findings; /* see ops/operation.h for their parameters */
    const char *tries;            /* NULL: nothing to ask */
    const char *schema;           /* NULL: as search_path finds it */
    const char *table;
    const char *const *args; /* the fields after the table */
    size_t n_args;
    const char *number; /* what the names of helpers are made from */
};

/*
 * Reads *cat.  A missing table, or anything else that forbids the change, is a
 * finding, not an error; then `known` is false and facts are missing.  Takes no
 * lock stronger than ACCESS SHARE.
 */
bool catalog_read(struct arena *arena, struct pg *pg, const struct catalog_query *query,
                  struct catalog *cat, struct err *err);

/*
 * Only the facts, of a table that is known by its oid and already being changed:
 * what would speak against a start is not asked.
 */
bool catalog_read_facts(struct arena *arena, struct pg *pg, const struct catalog_query *query,
                        uint32_t relid, struct catalog *cat, struct err *err);

/*
 * The relation with this name (quoted, qualified) or the `later` one, if that is not
 * NULL; where both names are taken the one with the oid `known`, or else the one that
 * is no view.  *relid 0: there is none.
 */
bool catalog_oid(struct arena *arena, struct pg *pg, const char *relation, const char *later,
                 uint32_t known, uint32_t *relid, struct err *err);

/* The value of a fact of a list's item, or NULL. */
const char *catalog_item(const struct catalog *cat, const char *name, int item);

/* The fact that holds what a comment in the database remembers of how things were; "" without one.
 */
#define CATALOG_REMEMBERED "remembered"

/* The value of a plain fact, or NULL. */
const char *catalog_fact(const struct catalog *cat, const char *name);

#endif
