/*
 * store.h - the one door to the state tables (schema `orchestrate`).
 *
 * History is the state: a run stands where its last row in `transition` says.
 * The tables refuse whatever is not legal (src/sql/store/schema.sql); the
 * functions here only ask and write.  All of them run as the session's role.
 *
 * SQLSTATEs that the state schema raises:
 *   OR001  stale epoch: another process has taken the run over
 *   OR002  history is append-only, a registered plan cannot be changed
 *   OR003  the move, or the record of the step, is not allowed now
 *   OR004  another plan claims the table; the message names both
 *   OR005  this role may not approve
 * An illegal move may also surface as 23503, 23505 or 23514; 23505 on the
 * history's primary key means that somebody else moved first.
 *
 * Some tables are read by operations and their gates:
 *   orchestrate.gate_evidence(run bigint, phase integer, gate text,
 *       evidence jsonb, at timestamptz; id bigint ascends)
 *     what each gate saw, one row per change: see store_gate_evidence().
 *   orchestrate.transition(run, seq, to_phase, to_state, at, detail jsonb)
 *     detail ->> 'deploy_id' of the row that made a phase `done` says which
 *     deploy carried it; the gates `deploy` and `soak` look for it.
 *   orchestrate.utc(timestamptz) is the text of a time as reports show it.
 *
 * The role that ran init owns all this; others are let in by
 * SELECT orchestrate.admit('role', may_run): see src/sql/store/access.sql.
 */
#ifndef ORCHESTRATE_STORE_STORE_H
#define ORCHESTRATE_STORE_STORE_H

#include "orchestrate/base/arena.h"
#include "orchestrate/pg/pg.h"
#include "orchestrate/state/event.h"
#include "orchestrate/state/machine.h"
#include "orchestrate/state/run.h"

enum { STORE_VERSION = 1 }; /* of the state schema */

/*
 * *version 0: there is no state schema.  A newer one is ERR_CONFIG.  Not inside
 * a transaction: without a schema the query fails.
 */
bool store_version(struct pg *pg, int *version, struct err *err);

/*
 * Makes or upgrades the state schema, in one transaction.  *before: the version
 * found.  Two at once: one waits for the other and finds nothing to do.
 * ERR_CONSENT when the role may not create it, ERR_CONFIG when a schema of this
 * name belongs to something else.
 * environment: what the database shall be called from now on, or NULL; ERR_CONFIG
 * when it has another name.
 */
bool store_init(struct pg *pg, const char *environment, int *before, struct err *err);

/*
 * What the database was named, NULL: nothing, or there is no state schema.  The second
 * one: ERR_CONFIG when it has another name than this.  Neither inside a transaction.
 */
bool store_environment(struct arena *arena, struct pg *pg, const char **name, struct err *err);
bool store_check_environment(struct pg *pg, const char *environment, struct err *err);

/* What is kept of a plan when it is registered. */
struct registration {
    const char *name, *description, *owner, *ticket, *app, *code_new;
    const char *source, *canonical, *checksum; /* hex */
    const char *search_path;
    const char *gates_off; /* the environment in which the plan's gates are dropped; NULL: none */
    const struct setting_text {
        const char *key, *text;
    } * settings;
    size_t n_settings;
    const struct program *program;
};

/*
 * The number that the next run gets.  `reserve`: it is taken (a sequence; safe
 * against others); else it is only looked up, for previews; 1 without a schema.
 */
bool store_run_number(struct pg *pg, bool reserve, int64_t *id, struct err *err);

/*
 * Registers a run under a number that was reserved: one transaction.
 * ERR_CONFLICT is not decided here (claims are taken with the first phase);
 * a second live run of the name is ERR_CHECK.
 */
bool store_register(struct pg *pg, int64_t id, const struct registration *reg, struct err *err);

/* The live run of this name, else its latest.  *id 0: there is none. */
bool store_find(struct pg *pg, const char *name, int64_t *id, struct err *err);

struct run_name {
    int64_t id;
    const char *name;
    const char *app; /* "" for plans without `app:` */
};

/* Live runs in name order; `all`: ended ones too, each name's latest. */
bool store_list(struct arena *arena, struct pg *pg, bool all, struct run_name **names, size_t *n,
                struct err *err);

/* Reads a run whole: program, settings, history, flags. */
bool store_load(struct arena *arena, struct pg *pg, int64_t id, struct run *run, struct err *err);

/* Reads again what changes: last row, epoch, paused, settings. */
bool store_refresh(struct arena *arena, struct pg *pg, struct run *run, struct err *err);

/*
 * Makes this session the one that works on the run: session advisory lock
 * (polled, never waited for in a statement), plan row NOWAIT, epoch + 1.
 * On success run->epoch is the new one.
 * *holder is set and *taken false when another session works on it.
 * `stop_first`: ask a running backfill to stop; in vain: the request is taken
 * back.  `wait_ms`: how long to wait for the other session; 0: not at all.
 * ERR_INTERRUPTED when a signal came meanwhile.
 */
bool store_take(struct arena *arena, struct pg *pg, struct run *run, bool stop_first,
                int64_t wait_ms, bool *taken, struct holder *holder, struct err *err);
/*
 * SQL of somebody's own may have given the session's lock up: it is taken again.
 * ERR_BUSY when another process has it by now.
 */
bool store_keep(struct pg *pg, const struct run *run, struct err *err);

void store_release(struct pg *pg, const struct run *run);

/* Who holds the run's advisory lock now; holder->pid 0: nobody. */
bool store_holder(struct arena *arena, struct pg *pg, int64_t run, struct holder *holder,
                  struct err *err);

/*
 * One move along a row of the machine, as an INSERT statement to be put into a
 * message or a transaction.  Fails in the database with OR001 when the epoch is
 * stale, and on the primary key when somebody else moved first.
 * attempt: a uuid; it marks what store_attempt_recorded() looks for, and may
 * enter a state of a phase only once.  detail: JSON object text, or NULL.
 * After its COMMIT call store_moved() to bring *run up to date.
 * Neither this statement nor those below end with a semicolon.
 */
const char *store_move_sql(struct arena *arena, const struct run *run, const struct transition *t,
                           const char *attempt, const char *detail);
/* As if `t` had been stored: seq, phase, phase_state, state, records.  In memory only. */
void store_moved(struct run *run, const struct transition *t);

/*
 * Takes what the run claims: statements separated by semicolons, "" when there
 * is nothing.  Another plan has a table: OR004, which is ERR_CONFLICT.  The last
 * move of the run releases them.
 */
const char *store_claim_sql(struct arena *arena, const struct run *run);

/*
 * The record of a step (undo false: it is done; true: its undo is), as a
 * statement.  Only between the moves that begin and end its phase: OR003.
 */
const char *store_step_sql(struct arena *arena, const struct run *run, bool undo, size_t ord,
                           const char *attempt);

/*
 * Which steps of the phase that the run stands in are recorded in its present
 * round, which an undo, or a new start after one, begins anew.  When the run
 * stands at `undone`, the phase before is meant: the next to be undone.
 */
bool store_steps_done(struct pg *pg, const struct run *run, bool undo, bool *done, size_t n,
                      struct err *err);

/* ... and of which something may have happened, whether they are recorded or not. */
bool store_steps_attempted(struct pg *pg, const struct run *run, bool *attempted, size_t n,
                           struct err *err);

/*
 * Whether there is no way back behind this phase.  One of a plan's own whose steps say `never`
 * has to have done one of them, by the records.
 */
bool store_past_return(struct pg *pg, const struct run *run, int phase, bool *past,
                       struct err *err);

/* The intent of a step that cannot share a transaction with its record; committed at once. */
bool store_attempt(struct pg *pg, const struct run *run, bool undo, size_t ord, const char *attempt,
                   struct err *err);

/* Was that step attempted before, in the present round?  Then it may have happened. */
bool store_attempted(struct pg *pg, const struct run *run, bool undo, size_t ord, bool *attempted,
                     struct err *err);

/* Was this attempt's step recorded?  Waits for the plan row: for a COMMIT in doubt. */
bool store_attempt_recorded(struct pg *pg, const struct run *run, const char *attempt,
                            bool *recorded, struct err *err);

/* A fact worth keeping; detail is a JSON object or NULL.  Its own transaction when none is open. */
bool store_event(struct pg *pg, const struct run *run, const char *kind, const char *phase,
                 const char *step, const char *detail, struct err *err);

/* Where a backfill stands.  ctid pages or keys: the engine's own text. */
struct checkpoint {
    const char *cursor; /* NULL: not begun */
    int64_t rows;       /* written so far */
    int64_t total;      /* pages or rows to do, as the engine counts */
};
bool store_checkpoint_load(struct arena *arena, struct pg *pg, const struct run *run, bool undo,
                           size_t ord, struct checkpoint *cp, struct err *err);
/* As a statement for the batch's own transaction. */
const char *store_checkpoint_sql(struct arena *arena, const struct run *run, bool undo, size_t ord,
                                 const struct checkpoint *cp);

/*
 * What a batch begins with: takes the plan row FOR SHARE and returns one row
 * (stop boolean, paused boolean, epoch_ok boolean); OR001 when the epoch is stale.
 */
const char *store_fence_sql(struct arena *arena, const struct run *run);

/* Flags.  because may be NULL. */
bool store_pause(struct pg *pg, const struct run *run, bool pause, const char *because,
                 struct err *err);
bool store_stop(struct pg *pg, const struct run *run, bool stop, struct err *err);

/* What `orchestrate set` changes. */
struct live_setting {
    const char *key;
    const char *text;           /* NULL: back to the plan's value */
    const char *before, *after; /* the values, for the record */
};
bool store_set(struct pg *pg, const struct run *run, const struct live_setting *changes, size_t n,
               struct err *err);

/* Reads run->settings again. */
bool store_settings(struct pg *pg, struct run *run, struct err *err);

/* What a person did since the last look; begins as { 0 }. */
struct control {
    bool stop; /* somebody wants to take the run over */
    bool paused;
    bool changed; /* the settings were, and run->settings is up to date; so at the first look */
    char mark[40];
};
bool store_control(struct pg *pg, struct run *run, struct control *control, struct err *err);

/*
 * Asks all gates of a phase, in the program's order.  Reads only.
 * overrides: names; each closed and overridable gate among them counts as
 * passed.  ERR_USAGE: no phase has such a gate, or it is closed and cannot be
 * overridden.  consent: the name given with --confirm, or NULL; it opens the
 * gate `consent`, or is ERR_CONSENT when it is not the plan's name.
 * An open gate with a reason is something to know: a warning.
 */
struct gate_query {
    const char *const *only; /* names, ended by NULL; NULL: all gates of the phase */
    const char *const *overrides;
    size_t n_overrides;
    const char *consent;
    struct gate_local local;
};
bool store_gates(struct arena *arena, struct pg *pg, const struct run *run, int phase,
                 const struct gate_query *query, struct gate_answer **answers, size_t *n,
                 struct err *err);

/*
 * Keeps the evidence that gates such as old_name_idle compare with next time: a
 * row when it differs from the latest one of the same phase and gate.  A gate
 * that counts returns evidence {"uses": N}; its query compares N with the
 * latest row: another N is a use just now, the same N one at that row's `at`.
 */
bool store_gate_evidence(struct pg *pg, const struct run *run, int phase,
                         const struct gate_answer *answers, size_t n, struct err *err);

/* A missing permission of somebody who wants to approve: the hint says how to get it.  False. */
bool store_denied_approver(const struct pg *pg, struct err *err);

/*
 * What the session's user last said of a phase, as far as it still counts: not
 * taken back, not before an edit of the phase or any undo.
 */
bool store_approved(struct pg *pg, const struct run *run, int phase, bool *approved,
                    bool *consented, struct err *err);

/*
 * Approves a phase as it is now, as the session's user; `consent`: to what
 * cannot be undone, as well; `revoke`: takes both back.  ERR_CONSENT: the role
 * may not (OR005: no member of the gate's role, or who started the run).
 */
bool store_approve(struct pg *pg, const struct run *run, int phase, const char *because,
                   bool consent, bool revoke, struct err *err);

/* Deploys (spec.md section 7). */
struct deploy {
    const char *id;
    int target;       /* index of the phase that this deploy carries the run to; -1: none */
    bool reached;     /* the target is done, or was */
    const char *hold; /* it takes no step, and why; NULL: it does */
    const char *by;   /* the deploy that did the target; NULL: none did */
};
/*
 * Finds or fixes the deploy's target: `target` when it is new; an old one keeps
 * its own.  `to`: what was asked for in words, NULL for one phase; when it is
 * something else than before, ERR_CHECK.  With a negative target nothing is
 * fixed; deploy->target is -1 when it is unknown.
 */
bool store_deploy(struct arena *arena, struct pg *pg, const struct run *run, const char *id,
                  int target, const char *to, struct deploy *deploy, struct err *err);
/* Records a deploy that takes no step of this run.  ERR_CHECK when it is to take one already. */
bool store_deploy_hold(struct arena *arena, struct pg *pg, const struct run *run, const char *id,
                       const char *because, struct deploy *deploy, struct err *err);
/* The deploy that began the phase under way; NULL: none did. */
bool store_deploy_under_way(struct arena *arena, struct pg *pg, const struct run *run,
                            const char **id, struct err *err);
bool store_deploy_reached(struct pg *pg, const struct run *run, const char *id, struct err *err);
/*
 * status: success failed cancelled skipped rolled_back.  *changed false: it said
 * so already.  *known: some run advanced with this id.  After rolled_back every
 * other status is ERR_CHECK.  app NULL: the one that has such a deploy, else the
 * unnamed app; ERR_USAGE when several have.
 */
bool store_confirm(struct pg *pg, const char *id, const char *status, const char *app,
                   const char *version, bool *changed, bool *known, struct err *err);

/* The app under which a deploy of this id advanced a plan ("": the unnamed one); NULL: none did. */
bool store_deploy_app(struct arena *arena, struct pg *pg, const char *id, const char **app,
                      struct err *err);

/* Is this a version that the plan's `code: {new}` means?  *known false: it cannot be compared. */
bool store_is_new_code(struct pg *pg, const struct run *run, const char *version, bool *known,
                       bool *yes, struct err *err);

struct history_row {
    int64_t seq; /* -1 for events */
    const char *at, *phase, *from, *to, *actor,
        *kind; /* kind: "transition", or that of the event */
    const char *step;
    const char *detail; /* JSON */
    const char *hash;   /* hex; NULL for events */
};
/* Transitions and events of a run in order of time. */
bool store_history(struct arena *arena, struct pg *pg, int64_t run, struct history_row **rows,
                   size_t *n, struct err *err);

/* Checks the hash chain of a run; *bad is the first wrong seq, or -1. */
bool store_history_check(struct pg *pg, int64_t run, int64_t *bad, struct err *err);

/*
 * description, owner, ticket and comments may change freely: kept, with an event.
 * *changed: something of it did.
 */
bool store_update_source(struct pg *pg, const struct run *run, const char *source,
                         const char *description, const char *owner, const char *ticket,
                         bool *changed, struct err *err);

/* An edit of the plan that touches nothing which has begun: settings, `code:`, later gates. */
struct plan_edit {
    const char *source, *description, *owner, *ticket;
    const char *canonical, *checksum, *code_new;
    const char *changed, *diff;          /* in words, and line by line */
    const struct program *program;       /* as the edit makes it */
    size_t first;                        /* the phase from which on it may differ */
    int mended;                          /* a phase before it that is undone otherwise; -1: none */
    size_t undone;                       /* so many steps of that undo are done, and stay */
    const struct setting_text *settings; /* changed ones; text NULL: no longer in the plan */
    size_t n_settings;
};

/*
 * Whether the undo of the phase was the last thing that was tried, and failed: only then its
 * text may be edited, behind the first *undone steps, which are done.
 */
bool store_undo_failed(struct pg *pg, const struct run *run, int phase, bool *failed,
                       size_t *undone, struct err *err);

/*
 * Keeps the edit: one transaction, with an event.  Approvals of the phases that
 * are others now count no more.  The run must have been taken.
 */
bool store_amend_plan(struct pg *pg, const struct run *run, const struct plan_edit *edit,
                      struct err *err);

/*
 * The run goes on in this database; with `program` (NULL: the stored one fits) on
 * other oids, of which `rebind` (NULL: nothing) makes anew what stands in the
 * database, as `role`.  One transaction, with an event.  The run must have been
 * taken.  Only for whoever ran init.
 */
bool store_adopt(struct pg *pg, const struct run *run, const struct program *program,
                 const char *rebind, const char *because, struct err *err);

/* The run ends as it stands, whatever that is; one transaction, with an event. */
bool store_forget(struct pg *pg, const struct run *run, const char *because, struct err *err);

/*
 * Is this the database that the run was started (or adopted) in?  Its name does
 * not count, and a system identifier that may not be read neither.
 */
bool store_same_database(const struct pg *pg, const struct run *run);

/*
 * Another live run that has a table, or is registered and will want it.  Not one
 * of those that this run waits for anyway: `after`, a JSON array of names, or NULL.
 */
struct claimant {
    const char *plan; /* NULL: nobody */
    const char *relation;
    bool taken; /* it has begun: our first phase would be ERR_CONFLICT */
};
bool store_claimant(struct arena *arena, struct pg *pg, uint32_t relid, int64_t own,
                    const char *after, struct claimant *who, struct err *err);

/* The text of the plan file that the run was registered with, or last edited to. */
bool store_source(struct arena *arena, struct pg *pg, int64_t run, const char **source,
                  struct err *err);

/* A fresh uuid, made by the client. */
const char *store_uuid(struct arena *arena);

#endif
