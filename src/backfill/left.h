/*
 * left.h - the last look: whether a row still needs the backfill.
 */
#ifndef ORCHESTRATE_BACKFILL_LEFT_H
#define ORCHESTRATE_BACKFILL_LEFT_H

#include "sweep.h"

/* As whoever fills, with all rows in sight: what the query says. */
bool left_ask(struct arena *arena, struct sweep *s, const char *query, PGresult **res,
              struct err *err);

/*
 * After a pass.  *filled false: some do, and the leaves stand where the first of them is.
 * They were written meanwhile: that is tried a few times, then it is told, and enough.
 * ERR_FAILED when one is that which it was before the pass: it cannot be written.
 */
bool left_look(struct sweep *s, bool *filled, struct err *err);

#endif
