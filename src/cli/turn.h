/*
 * turn.h - one plan's turn in `advance`.
 */
#ifndef ORCHESTRATE_CLI_TURN_H
#define ORCHESTRATE_CLI_TURN_H

#include "command.h"

/*
 * Advances the run as the options say, fills the answer and writes its lines
 * into cli->text.  confirm: the consent that counts for this plan, or NULL.
 */
bool turn_advance(struct cli *cli, struct answer *answer, struct run *run, const char *confirm,
                  struct err *err);

#endif
