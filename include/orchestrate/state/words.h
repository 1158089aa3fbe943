/*
 * words.h - the words that every layer uses, and their names.
 *
 * The names are public: they stand in plans, in JSON and in the state tables.
 */
#ifndef ORCHESTRATE_STATE_WORDS_H
#define ORCHESTRATE_STATE_WORDS_H

#include <stdbool.h>

enum phase_state {
    PHASE_PENDING,
    PHASE_RUNNING,
    PHASE_DONE,
    PHASE_FAILED,
    PHASE_UNDOING,
    PHASE_UNDONE,
    PHASE_STATE_COUNT
};

enum run_state {
    RUN_READY,    /* the next phase may start */
    RUN_RUNNING,  /* a phase is under way, possibly by a process that died */
    RUN_FAILED,   /* a step failed; advance tries it again */
    RUN_UNDOING,  /* an undo is under way; only rollback continues it */
    RUN_COMPLETE, /* ended: the last phase is done */
    RUN_UNDONE,   /* ended: the first phase is undone */
    RUN_STATE_COUNT
};

enum step_kind {
    STEP_DDL,   /* one transaction with its record, under a strong lock or none */
    STEP_ALONE, /* cannot share a transaction with its record; can be asked whether it happened */
    STEP_BACKFILL, /* many short transactions behind a cursor */
    STEP_CHECK,    /* only reads; it holds when it returns no row */
    STEP_SQL, /* statements of the plan's own, sent one by one in one transaction with its record */
    STEP_KIND_COUNT
};

/* Postgres' table lock modes, weakest first. */
enum lock_mode {
    LOCK_NONE,
    LOCK_ACCESS_SHARE,
    LOCK_ROW_SHARE,
    LOCK_ROW_EXCLUSIVE,
    LOCK_SHARE_UPDATE_EXCLUSIVE,
    LOCK_SHARE,
    LOCK_SHARE_ROW_EXCLUSIVE,
    LOCK_EXCLUSIVE,
    LOCK_ACCESS_EXCLUSIVE,
    LOCK_MODE_COUNT
};

enum risk { RISK_LOW, RISK_MEDIUM, RISK_HIGH, RISK_COUNT };

/* What undoing a phase costs. */
enum undo_kind {
    UNDO_INSTANT,  /* milliseconds */
    UNDO_CATCH_UP, /* data written since has to be carried back first */
    UNDO_LOSSY,    /* destroys values that are held nowhere else: needs consent */
    UNDO_NEVER,    /* the point of no return */
    UNDO_KIND_COUNT
};

const char *phase_state_name(enum phase_state state);
const char *run_state_name(enum run_state state);
const char *step_kind_name(enum step_kind kind);
const char *lock_mode_name(enum lock_mode mode); /* "ACCESS EXCLUSIVE" */
const char *risk_name(enum risk risk);           /* "LOW" */
const char *undo_kind_name(enum undo_kind kind); /* "catch_up" */

/* The value with this name; false when there is none. */
bool phase_state_parse(const char *name, enum phase_state *state);
bool step_kind_parse(const char *name, enum step_kind *kind);
bool lock_mode_parse(const char *name, enum lock_mode *mode);
bool risk_parse(const char *name, enum risk *risk);
bool undo_kind_parse(const char *name, enum undo_kind *kind);

/* Blocks reads, or writes: never to be waited for in the queue for long. */
bool lock_mode_is_strong(enum lock_mode mode);

#endif
