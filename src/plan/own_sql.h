/*
 * own_sql.h - SQL that a plan brings itself: split by the parser, and what may not
 * stand where it stands is refused with its place.
 */
#ifndef ORCHESTRATE_PLAN_OWN_SQL_H
#define ORCHESTRATE_PLAN_OWN_SQL_H

#include "bind.h"

/* Splits it.  False after a complaint: what the parser refuses, or no statement at all. */
bool own_sql_read(struct loading *l, const char *name, const struct node *node,
                  struct own_sql *sql);

/* `statement` of `sql`, written as `node`. */
struct src_pos own_sql_place(struct loading *l, const struct node *node,
                             const struct parse_statement *statement);

/*
 * Complains about what no step may hold, whatever its kind: transaction control, what
 * would outlast the step, what speaks with the client, our state tables.
 */
bool own_sql_allowed(struct loading *l, const char *name, const struct node *node,
                     const struct own_sql *sql);

/* One statement that only reads: `check`, `verify`. */
bool own_query_read(struct loading *l, const char *name, const struct node *node,
                    struct own_sql *sql);

/* One expression; NULL after a complaint. */
const char *own_expression_read(struct loading *l, const char *name, const struct node *node,
                                struct parse_statement *parsed);

#endif
