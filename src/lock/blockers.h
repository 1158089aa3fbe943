/*
 * blockers.h - who holds a lock that is in the way.
 */
#ifndef ORCHESTRATE_LOCK_BLOCKERS_H
#define ORCHESTRATE_LOCK_BLOCKERS_H

#include "orchestrate/lock/lock.h"

struct blockers {
    size_t n;
    int64_t oldest_ms;    /* age of the oldest transaction among them */
    bool only_autovacuum; /* ... of the ordinary kind, which gives way */
    const char *text;     /* "pid 812 (app, web, idle in transaction for 12 s): UPDATE ..." */
    const char *json;     /* array */
};

/* Takes no lock on the table. */
bool blockers_read(struct arena *arena, struct pg *pg, const char *relation, enum lock_mode mode,
                   struct blockers *blockers, struct err *err);

#endif
