/*
 * history_text.h - the record of a run, for people.
 */
#ifndef ORCHESTRATE_CLI_HISTORY_TEXT_H
#define ORCHESTRATE_CLI_HISTORY_TEXT_H

#include "orchestrate/base/buf.h"
#include "orchestrate/store/store.h"

/*
 * One line for each outcome of a phase and for each event.  What only leads up
 * to an outcome of the same second is left out; `history --json` has all of it.
 */
void history_text(struct buf *out, const struct history_row *rows, size_t n);

#endif
