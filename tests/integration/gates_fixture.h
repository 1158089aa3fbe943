/*
 * gates_fixture.h - asking gates of small runs, and deploys for them to look at.
 */
#ifndef ORCHESTRATE_TESTS_GATES_FIXTURE_H
#define ORCHESTRATE_TESTS_GATES_FIXTURE_H

#include "store_fixture.h"

static const char *db;
static struct pg *pg;
static PGconn *app;

static inline void setup(void)
{
    int before;

    db = test_database("empty");
    pg = open_as(db, "app");
    WORKS(store_init(pg, NULL, &before, &err));
    app = test_connect(db, "app");
}

static inline const struct gate_answer *find(const struct gate_answer *answers, size_t n,
                                             const char *gate)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(answers[i].gate, gate) == 0)
            return &answers[i];
    ck_abort_msg("no gate %s was asked", gate);
}

static inline const struct gate_answer *ask_with(struct pg *c, const struct run *run, int phase,
                                                 const char *gate, struct gate_query query)
{
    struct gate_answer *answers;
    size_t n;

    WORKS(store_gates(test_arena(), c, run, phase, &query, &answers, &n, &err));
    return find(answers, n, gate);
}

static inline const struct gate_answer *ask(const struct run *run, int phase, const char *gate)
{
    return ask_with(pg, run, phase, gate, (struct gate_query){ 0 });
}

static inline void is_open(const struct gate_answer *a)
{
    ck_assert_msg(a->open, "%s is closed: %s", a->gate, a->reason);
    ck_assert_ptr_null(a->next_command);
}

static inline void is_closed(const struct gate_answer *a, const char *because)
{
    ck_assert_msg(!a->open, "%s is open", a->gate);
    CONTAINS(a->reason, because);
    ck_assert_ptr_nonnull(a->next_command);
}

static inline void confirm(const char *id, const char *status, const char *the_app,
                           const char *version)
{
    bool changed, known;

    WORKS(store_confirm(pg, id, status, the_app, version, &changed, &known, &err));
}

static inline void deploy(const struct run *run, const char *id, int target)
{
    struct deploy d;

    WORKS(store_deploy(test_arena(), pg, run, id, target, NULL, &d, &err));
}

/* A phase carried by this deploy, as advance records it. */
static inline void carry(struct run *run, const char *id)
{
    deploy(run, id, run_next_phase(run));
    finish_phase(pg, run, arena_printf(test_arena(), "{\"deploy_id\": \"%s\"}", id));
}

#endif
