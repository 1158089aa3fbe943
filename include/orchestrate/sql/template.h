/*
 * template.h - SQL templates in psql's notation.
 *
 *   :"name"   the value as a quoted identifier
 *   :'name'   the value as a literal (dollar-quoted when that reads better)
 *   :name     the value as it is
 *
 * A colon inside quotes, comments and dollar quotes, and the cast `::`, are
 * left alone, as in psql: `psql -v name=value -f file.sql` runs the very file.
 * An unknown name is an error.  Comment lines at the head of the file are left
 * out of the result.
 */
#ifndef ORCHESTRATE_SQL_TEMPLATE_H
#define ORCHESTRATE_SQL_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "orchestrate/base/arena.h"
#include "orchestrate/base/err.h"

struct var {
    const char *name, *value;
};

struct vars {
    struct var *vars;
    size_t n;
    bool missing_ok; /* an unknown name becomes <name>: for reports without a database */
};

const char *vars_find(const struct vars *vars, const char *name); /* the latest one wins */
void vars_add(struct arena *arena, struct vars *vars, const char *name, const char *value);

bool template_render(struct arena *arena, const char *text, const struct vars *vars,
                     const char **out, struct err *err);

#endif
