/*
 * run.h - a plan registered in a database, as it was last read.
 */
#ifndef ORCHESTRATE_STATE_RUN_H
#define ORCHESTRATE_STATE_RUN_H

#include <stdint.h>

#include "orchestrate/state/program.h"

struct phase_record {
    enum phase_state state;
    const char *started_at, *finished_at; /* UTC ISO 8601, or NULL */
};

struct run {
    int64_t id;
    const char *name;
    const char *app;         /* "" for plans without `app:` */
    const char *code_new;    /* versions of the app that use the new name; NULL: not said */
    const char *gates_off;   /* the environment that dropped the plan's gates; NULL: they count */
    const char *description; /* may be NULL, as owner and ticket */
    const char *owner, *ticket;
    const char *checksum;    /* hex */
    const char *canonical;   /* lines "key = value", see plan/checksum.h */
    const char *search_path; /* of whoever started it: for SQL of the plan's own */
    /* Where it was started, or adopted; see store_same_database(). */
    const char *system_id; /* NULL: not known */
    uint32_t database_oid, here_oid;
    const char *database_name;
    bool forgotten; /* given up by `repair --forget`: counts as undone */
    int64_t epoch;
    bool paused;
    const char *paused_because; /* NULL when not paused */
    enum run_state state;
    /* The last history row. */
    int64_t seq;
    int phase; /* index into program.phases */
    enum phase_state phase_state;
    struct settings settings;      /* as they hold now */
    struct settings plan_settings; /* as the plan makes them */
    struct program program;
    struct phase_record *records; /* one per phase */
};

/* The phase that `advance` would work on, or -1 when the run has ended or is undoing. */
int run_next_phase(const struct run *run);

/* The last phase that is done, or under way; -1: none. */
int run_last_phase(const struct run *run);

#endif
