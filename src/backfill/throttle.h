/*
 * throttle.h - signals that make a backfill wait.
 */
#ifndef ORCHESTRATE_BACKFILL_THROTTLE_H
#define ORCHESTRATE_BACKFILL_THROTTLE_H

#include "orchestrate/backfill/backfill.h"

struct throttle {
    int64_t looked_at, wal; /* clock_ms() and WAL position of the last look */
};

/*
 * At most one look a second.  *wait_ms: how long to wait before the next batch
 * (0: go on), *why: for the progress line, or NULL.
 */
bool throttle_look(struct pg *pg, struct throttle *throttle, const struct settings *settings,
                   int64_t *wait_ms, const char **why, struct err *err);

#endif
