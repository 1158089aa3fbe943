/*
 * gate.h - asking the gates of a phase on behalf of an invocation.
 */
#ifndef ORCHESTRATE_EXEC_GATE_H
#define ORCHESTRATE_EXEC_GATE_H

#include "work.h"

/* Asks; closed ones that count end up in result->held_by (emptied first).  Reads only. */
bool gates_ask(struct work *w, int phase, struct gate_answer **answers, size_t *n, struct err *err);

/* Keeps overrides and evidence, once the run is ours. */
bool gates_record(struct work *w, int phase, const struct gate_answer *answers, size_t n,
                  struct err *err);

/* What it means that something is in held_by: false with ERR_CHECK, or the outcome `held`. */
bool gates_verdict(struct work *w, struct err *err);

#endif
