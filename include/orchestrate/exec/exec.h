/*
 * exec.h - carrying out a registered run, one phase at a time.
 *
 * Knows no operation: it takes phases and steps as the store gives them.
 */
#ifndef ORCHESTRATE_EXEC_EXEC_H
#define ORCHESTRATE_EXEC_EXEC_H

#include "orchestrate/base/arena.h"
#include "orchestrate/pg/pg.h"
#include "orchestrate/state/event.h"
#include "orchestrate/state/run.h"

/*
 * Asked when the first phase of a run is about to begin and nothing holds it: does
 * what was compiled at the start still fit the database?  False: the error says
 * why not, and nothing begins.  look NULL: nobody asks.
 */
struct first_look {
    bool (*look)(void *context, const struct run *run, struct err *err);
    void *context;
};

struct exec_options {
    const char *to;               /* phase name; NULL: one phase */
    int64_t max_time;             /* ms; 0: no limit */
    const char *deploy_id;        /* NULL: none */
    const char *confirm;          /* the plan's name, as consent; NULL: none given */
    const char *const *overrides; /* gate names */
    size_t n_overrides;
    const char *because;
    bool fast; /* duty 100 % */
    struct listener listener;
    struct gate_local local;
    struct first_look first;
};

struct exec_result {
    enum outcome outcome;
    const char *phase;      /* worked on; NULL: none */
    const char *next_phase; /* NULL: none is left */
    struct gate_answer *held_by;
    size_t n_held_by;
    struct holder holder;      /* for in_progress: who; pid 0: we ran out of time ourselves */
    const char *failed;        /* id of the step that did; NULL: none */
    const char *const *undone; /* names of the phases undone, rollback only */
    size_t n_undone;
    bool by_another; /* rollback: somebody else has undone it meanwhile */
};

/*
 * One phase forward, or through options->to.  Holds at the first closed gate.
 * The run is taken (store_take) and released in here; *run is brought up to date.
 *
 * Errors: ERR_FAILED (a step failed, recorded), ERR_CHECK (drift, proof), ERR_BUSY
 * (lock budget spent), ERR_CONFLICT (claims), ERR_UNREACHABLE (connection lost),
 * ERR_INTERRUPTED, ERR_CONSENT (wrong name), ERR_USAGE (unknown phase or gate).
 * Locks on the user's tables: those of the steps, for milliseconds; see lock/lock.h.
 */
bool exec_advance(struct arena *arena, struct pg *pg, struct run *run,
                  const struct exec_options *options, struct exec_result *result, struct err *err);

/*
 * Undoes the last phase, or all after options->to ("start": every one).  The
 * run is paused afterwards.  Past the point of no return: ERR_CHECK.
 */
bool exec_rollback(struct arena *arena, struct pg *pg, struct run *run,
                   const struct exec_options *options, struct exec_result *result, struct err *err);

/* Where a run belongs, when that is not this database; NULL when it is. */
const char *exec_elsewhere(struct arena *arena, const struct pg *pg, const struct run *run);

/*
 * *text: that a table of the run is not the one here (relid 0: there is none), and what it is
 * called by now.  *back: the statements that give it its name back; NULL: there are none.
 */
bool exec_other_table(struct arena *arena, struct pg *pg, const struct run *run,
                      const struct claim *claim, uint32_t relid, const char **text,
                      const char **back, struct err *err);

/*
 * *gone: a table at the other end of a foreign key was dropped, or the phase that is under way
 * has dropped it; with relid 0, there is none of its name.  What the plan had to do for it is not
 * to be done any more.
 */
bool exec_table_gone(struct arena *arena, struct pg *pg, const struct run *run,
                     const struct claim *claim, uint32_t relid, bool *gone, struct err *err);

enum check_verdict { CHECK_OK, CHECK_NOTE, CHECK_WRONG };

struct exec_check {
    enum check_verdict verdict;
    const char *text;
};

/*
 * Compares the database with what the last finished phase promises; of a run that
 * has ended or not begun, that nothing of it is there.  Only reads.
 */
bool exec_verify(struct arena *arena, struct pg *pg, const struct run *run,
                 struct exec_check **checks, size_t *n, struct err *err);
/* The phase whose promises that were; NULL: none is done. */
const char *exec_verified_phase(const struct run *run);

/*
 * What `program`, read for the tables of here, makes anew where the run stands; NULL: nothing.
 * In a phase that is under way each change stands before or behind it.
 */
bool exec_rebind(struct arena *arena, struct pg *pg, const struct run *run,
                 const struct program *program, const char **sql, struct err *err);

/* What the run has made and what is still there. */
struct exec_leftover {
    const char *what;
    const char *statement; /* that drops it; NULL: there is no such */
};
bool exec_leftovers(struct arena *arena, struct pg *pg, const struct run *run,
                    struct exec_leftover **left, size_t *n, struct err *err);

#endif
