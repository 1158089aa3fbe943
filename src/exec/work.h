/*
 * work.h - one invocation that works on a run: what all parts of exec/ share.
 */
#ifndef ORCHESTRATE_EXEC_WORK_H
#define ORCHESTRATE_EXEC_WORK_H

#include "orchestrate/base/buf.h"
#include "orchestrate/exec/exec.h"
#include "orchestrate/lock/lock.h"
#include "orchestrate/store/store.h"

struct work {
    struct arena *arena;
    struct pg *pg;
    struct run *run;
    const struct exec_options *options;
    struct exec_result *result;
    const char *attempt; /* uuid of this invocation's attempt at a phase or undo */
    bool undo;
    bool taken;               /* rollback: nobody else works on the run */
    const struct phase *open; /* has a point of no return, which it has not passed; or NULL */
    size_t n_phases;          /* that this invocation has done, or undone */
    bool in_doubt;            /* a COMMIT was sent and not answered */
    struct control control;   /* as last looked at */
    bool stopped; /* ended at a safe point before the phase was over; result->outcome says why */
};

/*
 * Moves along the machine, collected as statements for a transaction that is
 * not yet sent.  When it has committed, moves_done() brings the run up to date.
 */
struct moves {
    struct work *work;
    struct run shadow; /* as the run will stand */
    struct buf sql;
};
void moves_begin(struct moves *moves, struct work *work);
/* What comes after `first` has committed. */
void moves_follow(struct moves *moves, const struct moves *first);
/* False (ERR_CHECK) when the machine has no such move. */
bool moves_add(struct moves *moves, enum run_event event, const char *detail, struct err *err);
void moves_add_sql(struct moves *moves, const char *statement);
void moves_done(struct moves *moves);
/* Sends what was collected, as a transaction of its own. */
bool moves_commit(struct moves *moves, struct err *err);

/*
 * After SQL of the plan's own: the session is ours again, with its settings and its lock.
 */
bool work_own_words_over(struct work *work, struct err *err);

/*
 * One step within its phase.  `before`: statements that make the phase running
 * (or undoing) if it is not yet; `after`: the record of the step and, for the
 * last one, the move that ends the phase.  The runner of its kind commits them:
 * both with the effect where that is possible.
 */
struct step_work {
    struct work *work;
    const struct phase *phase;
    const struct step *step;
    size_t ord;
    size_t earlier;             /* steps before it that are done */
    bool unsure;                /* an undo, and nobody has recorded that what it undoes was done */
    struct moves before, after; /* `after` follows `before` */
    double lock_ms;             /* out: how long a strong lock was held; < 0: none */
    int64_t rows;               /* out */
    int tries;                  /* out */
    const char *instead;        /* out: why nothing had to be done; NULL: it was done */
};

/* What a message measures its lock with: right behind LOCK, and behind COMMIT (column held_ms). */
void step_lock_taken(struct buf *out);
void step_lock_given_back(struct buf *out);

typedef bool step_runner(struct step_work *sw, struct err *err);
step_runner step_ddl, step_alone, step_backfill, step_check, step_sql;

/* Has an ALONE step happened?  Its `done` is asked. */
bool alone_happened(struct step_work *sw, bool *yes, struct err *err);
/*
 * Has nothing of an ALONE step of an operation happened?  Its `done` is asked; no, where that does
 * not tell of what was begun.
 */
bool alone_untouched(struct step_work *sw, bool *yes, struct err *err);
/* Is there something left to do for a step that looks for it one by one?  Its `next` is asked. */
bool alone_left(struct step_work *sw, bool *yes, struct err *err);

/* What has become of a step on the way forward; REFUTED: it was tried, and did not happen. */
enum deed { DEED_NOT, DEED_REFUTED, DEED_PART, DEED_DONE };

/* Of each step of the phase that is undone next; see deeds.c. */
bool deeds_read(struct work *work, const struct phase *phase, enum deed **deeds, struct err *err);
/* Has a step happened behind which there is no way back? */
bool deeds_past_return(const struct phase *phase, const enum deed *deeds);
/* Does an undo of what has happened destroy values? */
bool deeds_lose(const struct phase *phase, const enum deed *deeds);
/* Are its statements those of the plan? */
bool deeds_own(const struct phase *phase);
/* The step that this one undoes; NULL: none of the phase. */
const struct step *deeds_forward(const struct phase *phase, const struct step *undo);
/* An undo step that drops what unfinished attempts have left: due where nothing else is. */
bool deeds_clears_up(const struct step *undo);

/*
 * The connection was lost.  True when the step is recorded all the same: then the
 * run is ours again, and up to date.  Else *err says what is known now.
 */
bool doubt_resolve(struct step_work *sw, struct err *err);

/*
 * A message that ends with COMMIT.  When the connection is lost under it,
 * work->in_doubt remains set.
 */
bool work_commit(struct work *work, const char *sql, PGresult **last, struct err *err);

/* Runs what is left of the phase (or of its undo) that the run stands in, or is about to enter. */
bool phase_run(struct work *work, const struct phase *phase, struct err *err);

/* The phase with this name; ERR_USAGE, with the one that may have been meant. */
bool work_phase(const struct run *run, const char *name, int *phase, struct err *err);

/* The database and the tables are still those that the plan was started for; else ERR_CHECK. */
bool work_same_place(struct work *work, struct err *err);

/* For a step that is rolled back: what was changed, by it (nothing) and before it in its phase. */
const char *work_so_far(const struct step_work *sw);

/*
 * For struct lock_wait, context the work: who waits for a lock can be paused, told other
 * settings, or asked to make room.  work->stopped when it was paused.
 */
bool work_go_on(void *context, struct err *err);

/*
 * A lock was not granted in time, and the step rolled back: waits for a second.  False when that
 * has gone on for `lock_retry_for` since `began`; work->stopped when the plan was paused.
 */
bool work_wait_again(struct step_work *sw, int64_t began, struct err *err);

/* Tells the listener. */
void work_tell(const struct work *work, struct event event);

/* JSON object for the history: tool version, deploy id, reason. */
const char *work_detail(const struct work *work, const char *error);

/* Takes the run for this invocation; *taken false: result says who has it. */
bool work_take(struct work *work, bool stop_first, bool *taken, struct err *err);
void work_release(struct work *work);

#endif
