/*
 * tree.h - the parser's tree, walked over by its own description: whoever looks
 * for a kind of node need not know where it can stand.
 */
#ifndef ORCHESTRATE_PARSE_TREE_H
#define ORCHESTRATE_PARSE_TREE_H

#include <pg_query.h>
#include <pg_query/pg_query.pb-c.h>

#include "orchestrate/parse/parse.h"

/* Calls `visit` for every message below, and for `message` itself. */
typedef void tree_visit(void *context, const ProtobufCMessage *message);
void tree_walk(const ProtobufCMessage *message, tree_visit *visit, void *context);

/* "" becomes NULL: the tree does not tell them apart. */
const char *tree_text(struct arena *arena, const char *text);
struct parse_table tree_table(struct arena *arena, const PgQuery__RangeVar *range);
/* The last one or two of a list of names, as DROP has them. */
struct parse_table tree_name(struct arena *arena, const PgQuery__Node *node);
/* An option of this name, or NULL. */
const PgQuery__DefElem *tree_option(PgQuery__Node *const *options, size_t n, const char *name);
/* Is it on?  Without a value it is. */
bool tree_option_on(PgQuery__Node *const *options, size_t n, const char *name, bool otherwise);

/* classify.c: all but `text` and `offset`. */
void classify(struct arena *arena, const PgQuery__Node *node, struct parse_statement *s);
/* schemas.c: s->schemas */
void find_schemas(struct arena *arena, const PgQuery__Node *node, struct parse_statement *s);
/* given.c: s->gives, s->takes */
void find_given(struct arena *arena, const PgQuery__Node *node, struct parse_statement *s);
/* loss.c: s->destroys */
bool may_destroy(const PgQuery__Node *node);
/* moment.c: s->moment */
bool names_moment(const PgQuery__Node *node);
/* locks.c */
const char *lock_of(const PgQuery__Node *node);
bool is_quick(const PgQuery__Node *node);

/* index.c: the three CONCURRENTLY statements; false: it is none of them. */
bool index_statement(struct arena *arena, const PgQuery__Node *node, struct parse_index *index);

#endif
