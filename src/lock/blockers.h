/*
 * blockers.h - who holds a lock that is in the way.
 */
#ifndef ORCHESTRATE_LOCK_BLOCKERS_H
#define ORCHESTRATE_LOCK_BLOCKERS_H

#include "orchestrate/lock/lock.h"

struct blockers {
    size_t n;
    int64_t oldest_ms;        /* age of the oldest transaction among them */
    bool only_autovacuum;     /* ... of the ordinary kind, which gives way */
    const char *transactions; /* " 3/41 7/2 ": what they are told apart by at the next look */
    const char *text;         /* "pid 812 (app, web, idle in transaction for 12 s): UPDATE ..." */
    const char *json;         /* array */
};

/*
 * Takes no lock on the table.  before: `transactions` of an earlier look, or
 * NULL; the age of a session that we may not look into is at least the time
 * since then (`since_ms`) when it was there already.
 */
bool blockers_read(struct arena *arena, struct pg *pg, const char *relation, enum lock_mode mode,
                   const char *before, int64_t since_ms, struct blockers *blockers,
                   struct err *err);

#endif
