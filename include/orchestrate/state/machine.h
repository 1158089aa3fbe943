/*
 * machine.h - which moves a run may make, as rows.
 *
 * A run's history is a chain of (phase, state) pairs; each row here is one
 * legal link of that chain.  The state schema holds the same edges in its
 * table `fsm`, so that the database refuses what is not listed (a test compares
 * the two), and docs/states.md is drawn from them.
 *
 * Taking over a `running` or `undoing` phase after a crash is no move: the
 * epoch changes, the history does not.
 */
#ifndef ORCHESTRATE_STATE_MACHINE_H
#define ORCHESTRATE_STATE_MACHINE_H

#include <stddef.h>

#include "orchestrate/base/buf.h"
#include "orchestrate/state/words.h"

enum run_event {
    EV_ADVANCE,    /* the operator, or a hook, wants the next phase */
    EV_PHASE_OVER, /* the phase has no step left */
    EV_FAILED,     /* a step failed */
    EV_UNDO,       /* the operator wants the last phase undone */
    EV_UNDO_OVER,  /* the phase has nothing left to undo */
    RUN_EVENT_COUNT
};

enum fact {
    FACT_FIRST_PHASE = 1 << 0, /* the history stands in the first phase */
    FACT_LAST_PHASE = 1 << 1,  /* ... in the last one */
    FACT_NO_RETURN = 1 << 2,   /* what would be undone next cannot be */
    FACT_ALL = 7,
};

struct transition {
    int id; /* permanent; stored with each history row */
    enum phase_state from;
    enum run_event on;
    unsigned must, must_not; /* facts */
    enum phase_state to;
    int move; /* 0: same phase; 1: the next phase; -1: the one before */
    const char *why;
};

const struct transition *machine_rows(size_t *count);
bool transition_applies(const struct transition *t, enum phase_state from, enum run_event on,
                        unsigned facts);

/* The row that applies, or NULL: not allowed now. */
const struct transition *machine_find(enum phase_state from, enum run_event on, unsigned facts);

/* A run's state follows from its last history row. */
enum run_state machine_run_state(enum phase_state last, bool first_phase, bool last_phase);
bool run_state_is_live(enum run_state state);

const char *run_event_name(enum run_event event);

/* The rows as a Mermaid state diagram. */
void machine_mermaid(struct buf *out);
/* docs/states.md: the drawing, and the rows as a table. */
void machine_page(struct buf *out);

#endif
