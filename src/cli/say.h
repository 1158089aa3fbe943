/*
 * say.h - results of working on a run, for people and for the JSON answer.
 */
#ifndef ORCHESTRATE_CLI_SAY_H
#define ORCHESTRATE_CLI_SAY_H

#include "command.h"
#include "orchestrate/exec/exec.h"
#include "progress.h"

/* Brings the answer up to date after exec_advance or exec_rollback, whether they failed or not. */
void say_answer(struct answer *answer, const struct run *run, const struct exec_result *result,
                const struct progress *progress);

/* Lines for people, about a success.  to: the phase that was asked for, or NULL. */
void say_advanced(struct buf *out, const struct run *run, const struct exec_result *result,
                  const char *to);
void say_rolled_back(struct buf *out, const struct run *run, const struct exec_result *result,
                     const char *to);

/*
 * Phases from..to (either direction), with the steps of their way forward or of
 * their undo: their locks, or with `sql` their statements.
 */
void say_steps(struct buf *out, const struct run *run, int from, int to, bool undo, bool sql);

#endif
