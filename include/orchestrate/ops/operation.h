/*
 * operation.h - what one kind of schema change consists of.
 *
 * An operation is data: the YAML keys it takes, two queries that look at the
 * live table, and the steps it becomes.  The loader, the compiler, the safety
 * report and the reference manual read these tables; none of them knows a kind
 * by name.
 *
 * Every text in a spec is a template (sql/template.h).  Variables are the
 * fields of the plan, and the facts returned by `facts`.
 */
#ifndef ORCHESTRATE_OPS_OPERATION_H
#define ORCHESTRATE_OPS_OPERATION_H

#include <stdbool.h>
#include <stddef.h>

#include "orchestrate/state/words.h"

enum field_kind {
    FIELD_TABLE, /* schema.table, or table */
    FIELD_IDENT, /* a name, taken literally, at most 63 bytes */
    FIELD_SQL,   /* an expression; its text may stand between brackets as it is */
    FIELD_NAMES, /* a list of names; its text is a JSON array, e.g. ["a", "b"] */
};

struct field {
    const char *key;
    enum field_kind kind;
    bool required;
    const char *doc;
};

enum { OP_MAX_FIELDS = 12 };

struct phase_spec {
    const char *name;
    bool deploy_before;
    const char *note; /* a template, or NULL */
    enum undo_kind undo;
    const char *undo_until;
    bool undo_with_previous;
};

struct step_spec {
    const char *phase;
    enum step_kind kind;
    const char *title;
    const char *prepare, *next, *sql, *done, *publish, *leftovers, *guard;
    const char *relation; /* what is locked or swept; NULL: the table, ":rel" */
    const char *role;     /* who does it; NULL: the owner of the table, ":owner" */
    enum lock_mode lock;
    enum lock_mode moment; /* what `next` takes in transactions, see state/program.h */
    enum risk risk;
    bool undo;        /* this step undoes the nearest one above it that does not */
    const char *when; /* a variable: the step exists when its value is not empty; NULL: always */
    const char *each; /* a list of facts: one step per item; its facts are variables "item_..." */
};

struct gate_spec {
    const char *phase;
    const char *name;
    const char *sql; /* a template of a query as in state/program.h */
    bool overridable, check;
    const char *when;
};

/* A gate that `orchestrate new` writes into a plan. */
struct gate_advice {
    const char *phase, *gate;
    const char *value;   /* as it stands in a plan */
    const char *because; /* what it is good for: a sentence */
};

/* What holds when the phase is done, see state/program.h; `verify` and `repair` ask. */
struct promise_spec {
    const char *phase;
    const char *title, *sql; /* templates */
    const char *when;
};

/*
 * A field that names what is there: the table, or columns of it.  `phase`: from there
 * on it is called as the field `becomes` says, or, without one, it is set aside.
 * NULL: it keeps its name.  So a plan of several changes knows what a thing is
 * called, and which changes do not go together.
 */
struct name_spec {
    const char *field, *phase, *becomes;
};

/*
 * What must be made anew of what stands in the database when the phase is done,
 * because oids and numbers of columns are others after a restore.
 */
struct rebind_spec {
    const char *phase;
    const char *sql; /* a template of statements for one transaction */
};

/*
 * A variable that is itself a template, e.g. the body of a function.  One named
 * "item_..." is made for each item of a list anew.
 */
struct derived {
    const char *name, *text;
};

/* From the gates on, a list that is NULL has no rows. */
/*
 * What `orchestrate demo` plays, on a throwaway server: a table, and old and new code at
 * work on it while the plan goes through its phases.  All texts are final; `$client` in
 * statements of code is the number of the client.
 */
struct demo_spec {
    const char *story;                /* what happens, and who is at work: a sentence or two */
    const char *schema;               /* statements that make the tables, by their owner */
    const char *plan;                 /* the name of the plan */
    const char *change;               /* its lines from `change:` on */
    const char *plain;                /* the statements that the end is compared with */
    const char *old_code;             /* a statement that it repeats */
    const char *new_code;             /* NULL: it has nothing to do with the table */
    const char *new_from, *old_until; /* phases: the one before which new code is rolled out, the
                                         one before which old code is shut down */
    const char *back;                 /* a phase that is undone once, with everything running */
    const char *intact; /* a query, asked at the end: whether nothing was lost; column intact */
};

struct operation {
    const char *name;              /* as written in a plan */
    const char *doc;               /* one sentence, for help and for the manual */
    const struct field *fields;    /* ends with a NULL key; the first one is the table */
    const char *old_name;          /* the field with the name that goes away; NULL: none does */
    const struct name_spec *names; /* ends with a NULL field; NULL: only the table */
    const char *makes; /* the field with the name of what the change makes in the table's schema, a
                          table or an index; NULL: nothing that has a name of its own */
    const struct phase_spec *phases;     /* ends with a NULL name; in order */
    const struct step_spec *steps;       /* ends with a NULL phase; phases ascend */
    const struct gate_spec *gates;       /* ends with a NULL phase */
    const struct promise_spec *promises; /* ends with a NULL phase */
    const struct gate_advice *advice;    /* ends with a NULL phase; by phase, in order */
    const char *plan_name;             /* a template of words: the name of a plan is made of them */
    const char *plan_description;      /* a template */
    const struct rebind_spec *rebinds; /* ends with a NULL phase */
    const struct derived *derived;     /* ends with a NULL name; later ones may use earlier ones */
    const struct demo_spec *demo;      /* NULL: the demo without an argument is its */

    /*
     * Queries with $1 the table's oid, $2 what helpers are named by (the run's number;
     * behind the first change of a plan "7_2": run, change), $3... the fields after
     * the table, in order, as text or NULL.  Facts that every operation has: "rel",
     * the table's quoted and qualified name, and "owner"; "attnum" where it is about one
     * column; "later" where the plan gives the table another name; a list "partner" of "relid" and
     * "relation" of tables that are touched, too, so that others may only share them.
     */
    const char *facts;    /* returns name, item, value */
    const char *findings; /* returns level ('refuse' 'warn'), code, message, hint, acceptable */
    /* Where there are fields of FIELD_SQL: returns what the server is asked about them, see
       pg/catalog.h: field, role, statement, answer, what, otherwise, hint. */
    const char *tries;
};

/* All of them, sorted by name; ends with NULL. */
extern const struct operation *const operations[];
const struct operation *operation_find(const char *name);

/* The phases that operations may have, in the order in which a plan goes through them. */
extern const char *const operation_phases[];
/* The place of a phase in that order; behind all of them when it is none of those. */
size_t operation_phase_order(const char *name);

#endif
