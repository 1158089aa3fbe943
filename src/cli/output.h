/*
 * output.h - the one place that writes to stdout.
 */
#ifndef ORCHESTRATE_CLI_OUTPUT_H
#define ORCHESTRATE_CLI_OUTPUT_H

#include "command.h"

/*
 * Writes the result: to stdout the JSON object or the lines for people, to
 * stderr the diagnostics and errors.  Returns the exit status.
 */
int output_result(struct cli *cli);

/* Where a right is missing, and nothing has said yet what to do: who knows more. */
void output_hint_denied(const struct cli *cli, struct err *err);

/* One event, as a line of --json=stream. */
void output_event(const char *plan, const struct event *event);

#endif
