/*
 * pace.h - how large a batch, and how long a pause after it.  Pure.
 */
#ifndef ORCHESTRATE_BACKFILL_PACE_H
#define ORCHESTRATE_BACKFILL_PACE_H

#include <stdint.h>

#include "orchestrate/state/settings.h"

struct pace {
    int64_t pages, most; /* of a batch */
};

/* rows_per_page: an estimate, at least 1. */
void pace_start(struct pace *pace, const struct settings *settings, double rows_per_page);

/* After a batch that took `ms`: the next one is nearer to batch_target. */
void pace_adapt(struct pace *pace, const struct settings *settings, double ms);

/* How long to rest, so that the work is settings->duty percent of the time. */
int64_t pace_rest(const struct settings *settings, double ms);

#endif
