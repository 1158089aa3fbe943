/*
 * program.h - a plan made ready to run: every statement rendered, every gate a
 * query.  It is stored with the run when it is registered; `advance` executes
 * the stored copy and never reads the plan file.
 */
#ifndef ORCHESTRATE_STATE_PROGRAM_H
#define ORCHESTRATE_STATE_PROGRAM_H

#include <stdint.h>

#include "orchestrate/base/err.h"
#include "orchestrate/state/settings.h"
#include "orchestrate/state/words.h"

/*
 * One thing to do.
 *
 * What an ALONE step has to do may depend on what there is by then, e.g. on the
 * partitions of a table.  `next` is a query for the next statement (column sql),
 * asked again after each until it returns no row.  With a column `relation` that
 * is not NULL it runs in a transaction, under the lock on that table that a
 * column `mode` names, ACCESS EXCLUSIVE without one; else outside a transaction.
 *
 * In the text of ALONE steps "{attempt}" stands for the suffix of the attempt
 * ("__e7"), so that two attempts never meet at one name.  A `guard` of theirs keeps `done`
 * from taking for done what nobody has done.  In `sql` of BACKFILL
 * steps is only the SET list, in `guard` the condition that tells which rows
 * still need it.
 */
struct step {
    const char *id; /* "expand/1/1": phase, change, ordinal; undo steps "expand/1/1/undo/1", see
                       also step_stands_in() */
    enum step_kind kind;
    const char *title;   /* for people */
    const char *prepare; /* DDL: statements of the same transaction that come before the lock */
    const char *next;    /* ALONE: what is done before `sql`; see below */
    const char *sql;     /* what is done; several statements for DDL */
    const char *done; /* ALONE, BACKFILL: a query whose first column says whether it has happened;
                         CHECK: whether there is nothing to check */
    const char *publish;   /* ALONE: statements run in the transaction that records it */
    const char *leftovers; /* ALONE: a query for statements that clear up after dead attempts */
    const char *guard;     /* BACKFILL; ALONE: a query for what speaks against a first attempt */
    const char *relation;  /* quoted and qualified: what is locked or swept; several for DDL, with
                              commas; NULL: nothing */
    const char *role;      /* SET ROLE to it, NULL: stay */
    /* A JSON array of the plan's own words: SQL: the statements of `sql`; ALONE: the one that is
       written; BACKFILL: each expression behind what it is called. */
    const char *parts;
    bool custom; /* the plan's own words: they run with the search_path recorded at start */
    bool loses;  /* of a plan's own: there is no way back behind it (`undo: never`); of an undo
                    step: it may destroy values that are held nowhere else */
    enum lock_mode lock;
    enum lock_mode moment; /* ALONE: a stronger one on a partition at a time, for moments */
    enum risk risk;
};

struct gate {
    const char *name;
    const char *sql;  /* $1 run, $2 phase, $3 args: returns open, reason, evidence, until */
    const char *args; /* text given to $3, or NULL */
    bool always;      /* not from the plan */
    bool overridable;
    bool check; /* closed means check_failed, not held */
    int change; /* the last change that wants it, from 1; it is not asked again when all of that
                   change's steps in the phase are done.  0: the phase as a whole */
};

/*
 * What is true of the database when the phase is done and the next one has not
 * begun: a query that returns ok boolean, text text for each thing it looked at,
 * or a DO block that raises OR010 when it is not as it was left.
 */
struct promise {
    const char *title; /* what a DO block has found to be so */
    const char *sql;
};

/* See ops/operation.h: what a change has made anew after a restore that finds it behind this phase.
 */
struct rebind {
    size_t change; /* its number in the plan, from 1 */
    const char *sql;
};

struct phase {
    const char *name;
    const char *note;   /* what the operator has to know or to deploy after it, or NULL */
    bool deploy_before; /* a [deploy] mark: code is rolled out between the phase before and this */
    enum undo_kind undo;
    const char *undo_until;  /* for people: "until contract starts" */
    bool undo_with_previous; /* undone only together with the phase before it, in one transaction */
    struct step *steps;
    size_t n_steps;
    struct step *undo_steps; /* in the order in which they run */
    size_t n_undo_steps;
    struct gate *gates;
    size_t n_gates;
    struct promise *promises;
    size_t n_promises;
    struct rebind *rebinds; /* of a fresh program only, they are not stored */
    size_t n_rebinds;
};

/* A table that the run may claim. */
struct claim {
    uint32_t relid;
    const char *relation; /* quoted and qualified, as it is called at the start */
    const char *later;    /* ... and as the plan calls it, in one of its phases; NULL: the same */
    bool shared;
};

struct program {
    struct phase *phases;
    size_t n_phases;
    struct claim *claims;
    size_t n_claims;
};

/* The number of its change in the plan: 2 for "switch/2/1". */
size_t step_change(const struct step *step);
/* ... and of the step in it, which is undone: 1 for "switch/2/1/undo/3". */
size_t step_number(const struct step *step);

/*
 * Undo steps "dual-write/2/0/undo/1" of a phase that is undone together with the one
 * before take back what change 2 did there; they are due where this phase has done
 * nothing for that change.  Returns the length of "dual-write/2/", or 0 for others.
 */
size_t step_stands_in(const struct step *step);

/*
 * Where the next "{attempt}" of `text` is that stands for the suffix; NULL: there is none.
 * A plan's own words may hold the same letters: there it only counts behind a quoted name
 * of ours.  STEP_ATTEMPT_LEN is how long it is.
 */
enum { STEP_ATTEMPT_LEN = 9 };
const char *step_attempt(const struct step *step, const char *text);

/* LOW/MEDIUM/HIGH of a phase is that of its riskiest step. */
enum risk phase_risk(const struct phase *phase);
enum risk program_risk(const struct program *program);

/* The first of n steps that is not the same in both; NULL: they are the same. */
const struct step *steps_difference(const struct step *a, const struct step *b, size_t n);

/*
 * A step of `b` that is not the same in `a`, or one of `a` that `b` has not got;
 * NULL: both do the same.  Gates are not looked at.
 */
const struct step *program_difference(const struct program *a, const struct program *b);

/* Its statements are those of a plan that lists its own phases. */
bool program_is_own(const struct program *program);

/* The index of the phase with this name, or -1. */
int program_phase(const struct program *program, const char *name);

#endif
