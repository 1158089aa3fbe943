/*
 * event.h - one fact, for the store, the log, the progress bar and the report
 * alike; and what a command answers.
 */
#ifndef ORCHESTRATE_STATE_EVENT_H
#define ORCHESTRATE_STATE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum event_kind {
    EVENT_PHASE_STARTED,
    EVENT_PHASE_DONE,
    EVENT_PHASE_UNDONE,
    EVENT_STEP_STARTED,
    EVENT_STEP_DONE, /* ms, lock_ms when a strong lock was held, rows when rows were written */
    EVENT_LOCK_WAIT, /* text: who is in the way; n: tries so far */
    EVENT_WAIT,      /* text: whom a statement outside a transaction waits for; n: told so far */
    EVENT_PROGRESS,  /* rows, total, ms: of the backfill; text: what slows it */
    EVENT_HELD,      /* text: gate and reason */
    EVENT_WARNING,
    EVENT_KIND_COUNT
};

struct event {
    enum event_kind kind;
    const char *phase; /* NULL when there is none, as all texts here */
    const char *step;
    const char *text;
    double ms;      /* how long it took */
    double lock_ms; /* how long the strong lock was held; < 0: none was */
    int64_t rows, total;
    int tries;
};

const char *event_kind_name(enum event_kind kind);

/* Somebody who wants to know while it happens. */
struct listener {
    void (*hear)(void *context, const struct event *event);
    void *context;
};

/* The ways to succeed: X(code, name in JSON and on the status line). */
#define OUTCOMES(X)                                                                                \
    X(OUT_OK, "ok")                                                                                \
    X(OUT_STARTED, "started")                                                                      \
    X(OUT_ADVANCED, "advanced")                                                                    \
    X(OUT_ALREADY_ADVANCED, "already_advanced")                                                    \
    X(OUT_PENDING, "pending")                                                                      \
    X(OUT_HELD, "held")                                                                            \
    X(OUT_COMPLETE, "complete")                                                                    \
    X(OUT_NOTHING_TO_DO, "nothing_to_do")                                                          \
    X(OUT_IN_PROGRESS, "in_progress")                                                              \
    X(OUT_ROLLED_BACK, "rolled_back")                                                              \
    X(OUT_UNDONE, "undone")                                                                        \
    X(OUT_PAUSED, "paused")                                                                        \
    X(OUT_CONFIRMED, "confirmed")

enum outcome {
#define X(code, name) code,
    OUTCOMES(X)
#undef X
        OUTCOME_COUNT
};

const char *outcome_name(enum outcome outcome);

/* The answer of one gate. */
struct gate_answer {
    const char *gate, *phase;
    bool open, overridable, check;
    bool overridden;      /* closed, but an override lets it pass */
    const char *reason;   /* for people */
    const char *until;    /* UTC ISO 8601, or NULL when not known */
    double wait_ms;       /* from now, by the server's clock, to `until` */
    const char *evidence; /* JSON object, or NULL */
    const char *next_command;
};

/*
 * Somebody who knows what the database cannot, such as what the code says.  May
 * change an answer that the database gave; `args` is the gate's value.
 */
struct gate_local {
    void (*look)(void *context, const char *args, struct gate_answer *answer);
    void *context; /* look NULL: nobody */
};

/* Who works on a run at the moment. */
struct holder {
    int pid;
    const char *user, *application, *client, *since; /* since: UTC ISO 8601 */
};

#endif
