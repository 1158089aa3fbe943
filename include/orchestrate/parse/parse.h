/*
 * parse.h - SQL as Postgres' own parser reads it: the one door to libpg_query.
 *
 * A text becomes statements, each with what has to be known before it is sent
 * by itself: whether it shares a transaction, what it locks, which names are in
 * it.  What the grammar does not know is an error with a position, never a guess.
 */
#ifndef ORCHESTRATE_PARSE_PARSE_H
#define ORCHESTRATE_PARSE_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "orchestrate/base/arena.h"

enum parse_kind {
    PARSE_PLAIN,       /* may share a transaction with others */
    PARSE_QUERY,       /* ... and only reads: SELECT, VALUES, TABLE, WITH */
    PARSE_TRANSACTION, /* BEGIN, COMMIT, SAVEPOINT, PREPARE TRANSACTION ... */
    PARSE_INDEX,       /* CREATE, DROP, REINDEX INDEX CONCURRENTLY */
    PARSE_ALONE,       /* others that the server refuses in a transaction block */
    PARSE_COPY,        /* speaks with the client: COPY FROM STDIN, TO STDOUT */
    PARSE_SESSION,     /* would outlast its transaction, or changes who acts: SET, LISTEN ... */
};

enum parse_index_verb { INDEX_CREATE, INDEX_DROP, INDEX_REINDEX, INDEX_REINDEX_TABLE };

/* schema NULL: as search_path finds it. */
struct parse_table {
    const char *schema, *name;
};

/* Of PARSE_INDEX. */
struct parse_index {
    enum parse_index_verb verb;
    struct parse_table index; /* name NULL: CREATE INDEX ON ..., or of REINDEX TABLE */
    struct parse_table table; /* name NULL: DROP and REINDEX INDEX */
    bool if_exists, if_not_exists;
    bool several;             /* DROP of more than one, which the server refuses */
    size_t name_at, name_len; /* where the name stands in `text`; len 0: where it would */
};

struct parse_statement {
    enum parse_kind kind;
    const char *text; /* without what is around it: blanks, comments, semicolons */
    size_t offset;    /* of `text` */
    const char *tag;  /* "ALTER TABLE": for people */
    const char *lock; /* the strongest it takes on `target`, "ACCESS EXCLUSIVE"; NULL: not known */
    struct parse_table target;  /* what it locks or changes; name NULL: nothing, or not known */
    struct parse_table *tables; /* all that it names, but what WITH defines */
    size_t n_tables;
    const char **schemas; /* that it is about itself, or in whose functions it meddles */
    size_t n_schemas;
    struct parse_table made; /* the table that it makes, renames or moves so; name NULL: none */
    const char **gives;      /* names that indexes, or what it renames and moves, have afterwards */
    size_t n_gives;
    bool makes_up;      /* makes an index for which the server finds a name */
    const char **takes; /* names of what it drops, renames or moves */
    size_t n_takes;
    bool if_exists; /* ALTER or DROP ... IF EXISTS */
    bool quick;     /* what it does under a strong lock takes no time with the table's size */
    bool destroys;  /* values that may be held nowhere else, or nobody can tell: see loss.c */
    struct parse_index index;
    const char **columns; /* whose names stand in it */
    size_t n_columns;
    bool expression; /* SELECT of one value, and nothing else */
    bool moment;     /* it names the time, or the transaction: now() */
};

struct parse_error {
    const char *text; /* "syntax error at or near "x"" */
    size_t offset;
};

/* The Postgres whose grammar this is: "15". */
const char *parse_version(void);

/* False: *error; nothing of the text is to be trusted then. */
bool parse_statements(struct arena *arena, const char *text, struct parse_statement **statements,
                      size_t *n, struct parse_error *error);

/*
 * An expression: *parsed has its `tables` and `columns`.  False: *error, also for
 * what ends the expression and goes on with something else.
 */
bool parse_expression(struct arena *arena, const char *text, struct parse_statement *parsed,
                      struct parse_error *error);

#endif
