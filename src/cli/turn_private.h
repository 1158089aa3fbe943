/*
 * turn_private.h - what the parts of a turn share.
 */
#ifndef ORCHESTRATE_CLI_TURN_PRIVATE_H
#define ORCHESTRATE_CLI_TURN_PRIVATE_H

#include "orchestrate/store/store.h"
#include "say.h"
#include "turn.h"

/* One plan that is advanced by this call. */
struct turn {
    struct cli *cli;
    struct answer *answer;
    struct run *run;
    struct exec_options options;
    struct exec_result result;
    struct progress progress;
    int target; /* index of the last phase to carry out */
};

/* --override names gates of the plan that can be overridden; else ERR_USAGE. */
bool turn_check_overrides(struct turn *t, struct err *err);
/* Fills t->target from --to, and t->options.to with the phase's name. */
bool turn_find_target(struct turn *t, struct err *err);

/* Carries out what is left, asking for consent at a terminal. */
bool turn_exec(struct turn *t, struct err *err);

/* The same for a deploy: its first call fixes what it does, later ones carry on with that. */
bool turn_deploy(struct turn *t, struct err *err);
/* --hold: the deploy is recorded and takes no step. */
bool turn_hold(struct turn *t, struct err *err);
/* --continue: only the phase under way, for the deploy that began it. */
bool turn_continue(struct turn *t, struct err *err);
/* A run that has ended: the deploy that did its last phase may call again. */
bool turn_ended(struct turn *t, struct err *err);

#endif
