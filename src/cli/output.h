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

#endif
