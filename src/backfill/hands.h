/*
 * hands.h - the connections that fill side by side: as many as `jobs` says.
 *
 * Each of them gets the next range of pages, and all are waited for before the next
 * ranges are given out.  So there is one cursor, one pace and one pause, whatever
 * their number, and no thread: the server works on what was sent to all of them.
 */
#ifndef ORCHESTRATE_BACKFILL_HANDS_H
#define ORCHESTRATE_BACKFILL_HANDS_H

#include "batch.h"

enum { HANDS_MOST = 64 };

struct hands {
    struct pg *pg[HANDS_MOST]; /* the first is the session's own */
    struct pg others[HANDS_MOST];
    size_t n;       /* that are connected */
    int64_t wanted; /* as when they were last made; no new try for the same number */
};

/*
 * Connects or closes until there are `jobs` of them.  One that cannot be made is no
 * error: *why says so, and the work goes on with those that are there.
 */
void hands_fit(struct arena *arena, struct pg *pg, struct hands *hands, int64_t jobs,
               const char **why);

/* Closes those of the others that were lost, and says whether there were any. */
bool hands_lost(struct hands *hands);

void hands_cleanup(struct hands *hands); /* closes all but the first */

#endif
