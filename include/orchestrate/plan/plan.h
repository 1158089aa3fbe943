/*
 * plan.h - a plan file, read and checked; no database is needed for that.
 */
#ifndef ORCHESTRATE_PLAN_PLAN_H
#define ORCHESTRATE_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "orchestrate/base/arena.h"
#include "orchestrate/base/err.h"
#include "orchestrate/gates/gate.h"
#include "orchestrate/ops/operation.h"
#include "orchestrate/parse/parse.h"
#include "orchestrate/state/settings.h"

struct change {
    const struct operation *op;
    const char *args[OP_MAX_FIELDS]; /* by field; NULL when left out */
    /* As they stand in the file: in `args` things bear the names that they have now. */
    const char *written[OP_MAX_FIELDS];
    struct src_pos at[OP_MAX_FIELDS];
    const char *schema; /* of the table; NULL: as search_path finds it */
    const char *table;
    struct src_pos pos;
};

struct plan_gate {
    const char *phase;
    const struct gate_kind *kind;
    const char *value;
    struct src_pos at;
};

/* `accept:` - a finding that the author knows and takes. */
struct plan_accept {
    const char *rule, *because;
    struct src_pos at;
};

/* One line of `settings:`, as it is written in the file. */
struct plan_setting {
    const char *key, *text;
};

/* SQL of the plan's own, split. */
struct own_sql {
    const char *text; /* NULL: none */
    struct parse_statement *statements;
    size_t n;
    struct src_pos at;
};

enum own_kind { OWN_SQL, OWN_CONCURRENTLY, OWN_BACKFILL, OWN_CHECK };
enum own_undo { OWN_UNDO_SQL, OWN_UNDO_NONE, OWN_UNDO_NEVER };

/* A column that a backfill sets. */
struct own_set {
    const char *column, *expression;
    struct src_pos column_at, at;
};

/* One step of `phases`. */
struct own_step {
    enum own_kind kind;
    struct own_sql sql;    /* not of a backfill */
    struct own_sql verify; /* tells whether it has happened */
    enum own_undo undoes;
    struct own_sql undo;
    /* Of a backfill: */
    const char *schema, *table; /* schema NULL: as search_path finds it */
    struct own_set *set;
    size_t n_set;
    const char *where; /* which rows need it; NULL: those that differ from `set` */
    struct src_pos where_at;
    struct plan_accept *accepts;
    size_t n_accepts;
    struct src_pos at;
};

/* One of `phases`. */
struct own_phase {
    const char *name, *note, *role;
    bool deploy_before;
    struct own_step *steps;
    size_t n_steps;
    struct src_pos at;
};

struct plan {
    const char *file, *text; /* as read */
    const char *name, *description, *owner, *ticket, *app;
    const char *code_new, *code_old_until;
    struct settings settings;
    struct plan_setting *setting_texts; /* in the order of settings_table: for the store */
    size_t n_setting_texts;
    struct change *changes;
    size_t n_changes;
    struct own_phase *phases; /* of a plan that has no changes but phases of its own */
    size_t n_phases;
    struct plan_gate *gates;
    size_t n_gates;
    struct plan_accept *accepts;
    size_t n_accepts;
    /* What makes the plan this plan: lines "key = value" in the order of the tables. */
    const char *canonical;
    const char *checksum; /* SHA-256 of `canonical`, hex */
};

enum { PLAN_MAX_ERRORS = 20, PLAN_MOST_CHANGES = 50 };

struct plan_errors {
    struct err errs[PLAN_MAX_ERRORS]; /* by position in the file */
    size_t n;
    size_t more; /* further ones that found no room */
};

/*
 * Reads and checks `file` ("-": standard input).  On false `errors` has at least
 * one entry, each with code ERR_PLAN and a position, or ERR_NO_INPUT.
 */
bool plan_load(struct arena *arena, const char *file, struct plan *plan,
               struct plan_errors *errors);

/* The same for text in memory; `file` is only for messages. */
bool plan_parse(struct arena *arena, const char *file, const char *text, size_t len,
                struct plan *plan, struct plan_errors *errors);

/*
 * Where in the file a statement of a plan's own stands: of the step of that id, the one of
 * that number, at that character of it, all from 1; 0: the step, the statement itself.
 * False: there is no such step.
 */
bool plan_own_place(struct arena *arena, struct plan *plan, const char *step, int statement,
                    int position, struct src_pos *at);

/* Where byte `offset` of such a text stands, which begins there. */
struct src_pos plan_text_place(struct arena *arena, const struct plan *plan, struct src_pos at,
                               const char *text, size_t offset);

/* Do two changes name one table, as it is called now? */
bool change_same_table(const struct change *a, const struct change *b);
/* The name of what the change makes in the schema of its table, or NULL. */
const char *change_makes(const struct change *change);

/* How many catalogs are read for it: one for each change, or one for all its own phases. */
size_t plan_catalogs(const struct plan *plan);

/*
 * The names of the plan's phases in their order, ends with NULL: those of its changes
 * together, or those that it lists itself.
 */
const char *const *plan_phases(struct arena *arena, const struct plan *plan);

/*
 * What differs between two canonical forms, one line each ("- key = value",
 * "+ key = value"), or "" when nothing does.
 */
const char *plan_diff(struct arena *arena, const char *before, const char *after);

#endif
