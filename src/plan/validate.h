/*
 * validate.h - what names, tables and versions look like.  Pure.
 */
#ifndef ORCHESTRATE_PLAN_VALIDATE_H
#define ORCHESTRATE_PLAN_VALIDATE_H

#include "loading.h"

enum { IDENT_MAX = 63 }; /* Postgres' NAMEDATALEN - 1 */

/* Complains about a name that the server would cut off. */
void check_ident(struct loading *l, const char *key, const char *name, struct src_pos at);

/* [a-z0-9][a-z0-9._-]{0,62} */
bool name_is_valid(const char *name);

/*
 * schema.table or table.  A part in double quotes is read as in SQL; the others
 * are literal, case and all.  *why: what is wrong.
 */
bool table_parse(struct arena *arena, const char *text, const char **schema, const char **table,
                 const char **why);

/* The same back, with quotes only where they are needed.  schema may be NULL. */
const char *table_text(struct arena *arena, const char *schema, const char *table);

/*
 * ">=2.4.0" or ">=2.4, <3": all must hold.  Returns it without blanks, or NULL.
 */
const char *version_constraint(struct arena *arena, const char *text);

#endif
