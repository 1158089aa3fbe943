/*
 * checks.h - what was looked at, a line each: for `verify`, `repair` and `doctor`.
 */
#ifndef ORCHESTRATE_CLI_CHECKS_H
#define ORCHESTRATE_CLI_CHECKS_H

#include "orchestrate/base/json.h"
#include "orchestrate/exec/exec.h"

void checks_text(struct buf *out, const struct exec_check *checks, size_t n);
/* Members of an array. */
void checks_json(struct json *j, const struct run *run, const struct exec_check *checks, size_t n);
size_t checks_wrong(const struct exec_check *checks, size_t n);

#endif
