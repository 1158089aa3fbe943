/*
 * questions.h - what `gate` can be asked about a run, one function per question.
 *
 * Each answers in a sentence; what is closed is in the list, too, for the JSON
 * member `held_by`.  Nothing is written to the database.
 */
#ifndef ORCHESTRATE_CLI_QUESTIONS_H
#define ORCHESTRATE_CLI_QUESTIONS_H

#include "command.h"
#include "orchestrate/store/store.h"

struct inquiry {
    struct cli *cli;
    struct arena *arena; /* of one round: a gate may be waited for a long time */
    struct run *run;
    struct answer *answer;
    struct buf *text; /* the sentences */
    struct gate_answer *gates;
    size_t n_gates, closed;
    bool nothing_left; /* the run has no phase that could start */
};

/* May the phase start?  NULL: the next one. */
bool question_start(struct inquiry *q, const char *phase, struct err *err);
bool question_done(struct inquiry *q, const char *phase, struct err *err);
/* May this version of the app go out, or (`back`) come back? */
bool question_version(struct inquiry *q, const char *version, bool back, struct err *err);

#endif
